package io.crirouter.examples.bench.load;

import java.util.Collection;
import java.util.Locale;
import java.util.Map;

/** The median and the range of several measurements of a figure. */
record Spread(double median, double least, double most) {
  static Spread of(Collection<Double> figures) {
    double[] sorted = figures.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    if (sorted.length == 0) {
      return new Spread(Double.NaN, Double.NaN, Double.NaN);
    }
    int middle = sorted.length / 2;
    double median =
        sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    return new Spread(median, sorted[0], sorted[sorted.length - 1]);
  }

  Map<String, Object> toJson() {
    return Map.of("median", median, "least", least, "most", most);
  }

  /** A text such as {@code 1.62 (1.58-1.70)}, with {@code format} for each number. */
  String text(String format) {
    return String.format(
        Locale.ROOT, format + " (" + format + "-" + format + ")", median, least, most);
  }
}
