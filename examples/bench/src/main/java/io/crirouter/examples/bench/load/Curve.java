package io.crirouter.examples.bench.load;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A measured quantity as a function of another one, for several contenders. */
final class Curve {
  private final String title;
  private final String horizontal;
  private final String vertical;
  private final Map<String, List<Point>> lines = new LinkedHashMap<>();

  /** One measured point. */
  record Point(double x, double y) {}

  /**
   * @param title the title
   * @param horizontal the name and unit of the x axis
   * @param vertical the name and unit of the y axis
   */
  Curve(String title, String horizontal, String vertical) {
    this.title = title;
    this.horizontal = horizontal;
    this.vertical = vertical;
  }

  void add(String line, double x, double y) {
    lines.computeIfAbsent(line, key -> new ArrayList<>()).add(new Point(x, y));
  }

  String title() {
    return title;
  }

  String horizontal() {
    return horizontal;
  }

  String vertical() {
    return vertical;
  }

  Map<String, List<Point>> lines() {
    return lines;
  }

  double maxX() {
    return points().stream().mapToDouble(Point::x).max().orElse(1);
  }

  double maxY() {
    return points().stream().mapToDouble(Point::y).max().orElse(1);
  }

  private List<Point> points() {
    return lines.values().stream().flatMap(List::stream).toList();
  }

  Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("horizontal", horizontal);
    json.put("vertical", vertical);
    lines.forEach(
        (name, points) ->
            json.put(name, points.stream().map(point -> List.of(point.x, point.y)).toList()));
    return json;
  }
}
