package io.crirouter.examples.bench.load;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Draws curves as SVG, two in a row. */
final class Plot {
  private static final int WIDTH = 460;
  private static final int HEIGHT = 300;
  private static final int LEFT = 60;
  private static final int RIGHT = 20;
  private static final int TOP = 36;
  private static final int BOTTOM = 46;
  private static final int TICKS = 5;
  private static final List<String> COLOURS = List.of("#888888", "#2b7a3d", "#c0392b", "#1f5fa8");

  private final StringBuilder svg = new StringBuilder();

  private Plot() {}

  static String draw(List<Curve> curves) {
    Plot plot = new Plot();
    int rows = (curves.size() + 1) / 2;
    plot.element(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\""
            + " font-size=\"12\">",
        2 * WIDTH, rows * HEIGHT);
    plot.element("<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>");
    for (int i = 0; i < curves.size(); i++) {
      plot.element("<g transform=\"translate(%d %d)\">", i % 2 * WIDTH, i / 2 * HEIGHT);
      plot.panel(curves.get(i));
      plot.element("</g>");
    }
    plot.element("</svg>");
    return plot.svg.toString();
  }

  private void panel(Curve curve) {
    double maxX = curve.maxX();
    double maxY = roundUp(curve.maxY());
    text(WIDTH / 2, 18, "middle", curve.title());
    text(WIDTH / 2, HEIGHT - 8, "middle", curve.horizontal());
    element(
        "<text transform=\"translate(14 %d) rotate(-90)\" text-anchor=\"middle\">%s</text>",
        HEIGHT / 2, curve.vertical());
    for (int i = 0; i <= TICKS; i++) {
      int y = y(maxY * i / TICKS, maxY);
      element(
          "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"#dddddd\"/>",
          LEFT, y, WIDTH - RIGHT, y);
      text(LEFT - 6, y + 4, "end", number(maxY * i / TICKS));
      text(x(maxX * i / TICKS, maxX), HEIGHT - BOTTOM + 18, "middle", number(maxX * i / TICKS));
    }
    int index = 0;
    for (Map.Entry<String, List<Curve.Point>> line : curve.lines().entrySet()) {
      line(line.getKey(), line.getValue(), maxX, maxY, index++);
    }
  }

  private void line(String name, List<Curve.Point> points, double maxX, double maxY, int index) {
    String colour = COLOURS.get(index % COLOURS.size());
    StringBuilder path = new StringBuilder();
    for (Curve.Point point : points) {
      int x = x(point.x(), maxX);
      int y = y(point.y(), maxY);
      path.append(x).append(',').append(y).append(' ');
      element("<circle cx=\"%d\" cy=\"%d\" r=\"2.5\" fill=\"%s\"/>", x, y, colour);
    }
    element(
        "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\"/>",
        path.toString().strip(), colour);
    int y = TOP + 8 + 16 * index;
    element(
        "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"%s\" stroke-width=\"3\"/>",
        LEFT + 10, y, LEFT + 28, y, colour);
    text(LEFT + 34, y + 4, "start", name);
  }

  private static int x(double value, double max) {
    return (int) Math.round(LEFT + value / max * (WIDTH - LEFT - RIGHT));
  }

  private static int y(double value, double max) {
    return (int) Math.round(HEIGHT - BOTTOM - value / max * (HEIGHT - TOP - BOTTOM));
  }

  /** Rounds up to a round number for the end of an axis. */
  private static double roundUp(double max) {
    double power = Math.pow(10, Math.floor(Math.log10(max)));
    for (double step : new double[] {1, 1.5, 2, 2.5, 3, 4, 5, 6, 8}) {
      if (max <= step * power) {
        return step * power;
      }
    }
    return 10 * power;
  }

  private static String number(double value) {
    return value == Math.rint(value)
        ? String.format(Locale.ROOT, "%,.0f", value)
        : String.format(Locale.ROOT, "%.1f", value);
  }

  private void text(int x, int y, String anchor, String content) {
    element("<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>", x, y, anchor, content);
  }

  private void element(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
