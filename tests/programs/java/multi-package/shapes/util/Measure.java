package shapes.util;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import shapes.Shape;

public final class Measure {
    private Measure() {}

    public static double total(List<Shape> shapes) {
        return shapes.stream().mapToDouble(Shape::area).sum();
    }

    public static Optional<Shape> largest(List<Shape> shapes) {
        return shapes.stream().max(Comparator.comparingDouble(Shape::area));
    }

    /** 1 for a circle, less for everything else. */
    public static double roundness(Shape shape) {
        return 4 * Math.PI * shape.area() / (shape.perimeter() * shape.perimeter());
    }
}
