import java.util.List;
import shapes.Circle;
import shapes.Polygon;
import shapes.Shape;
import shapes.util.Measure;

/**
 * Four files in two packages below this one: an interface, a record of each kind of shape, and
 * measures over them.
 */
public class Main {
    private static final List<Shape> SHAPES = List.of(new Circle(1.5), Polygon.rectangle(3, 4), Polygon.regular(6, 2),
            new Polygon(List.of(new Polygon.Point(0, 0), new Polygon.Point(4, 0), new Polygon.Point(0, 3))));

    private static void describe(Shape shape) {
        System.out.printf("%-10s area %8.3f perimeter %8.3f%n", shape.name(), shape.area(), shape.perimeter());
    }

    private static String verdict(Shape shape) {
        double ratio = Measure.roundness(shape);
        if (ratio > 0.99) {
            return "round";
        }
        return ratio > 0.8 ? "nearly round" : "edgy";
    }

    public static void main(String[] args) {
        for (Shape shape : SHAPES) {
            describe(shape);
            System.out.println("  " + verdict(shape) + ", doubled:");
            System.out.print("  ");
            describe(shape.scaled(2));
        }
        System.out.printf("total area %.3f%n", Measure.total(SHAPES));
        System.out.println("largest " + Measure.largest(SHAPES).map(Shape::name).orElse("none"));
        System.out.println("largest of none " + Measure.largest(List.of()).map(Shape::name).orElse("none"));
        for (int corners = 3; corners <= 96; corners *= 2) {
            Shape polygon = Polygon.regular(corners, 1);
            System.out.printf("%2d corners: %.6f%n", corners, polygon.perimeter() / 2);
        }
        try {
            Polygon.regular(2, 1);
        } catch (IllegalArgumentException error) {
            System.out.println("refused: " + error.getMessage());
        }
        try {
            new Circle(-1);
        } catch (IllegalArgumentException error) {
            System.out.println("refused: " + error.getMessage());
        }
    }
}
