package shapes;

import java.util.ArrayList;
import java.util.List;

public record Polygon(List<Point> corners) implements Shape {
    public record Point(double x, double y) {
        double distance(Point other) {
            return Math.hypot(x - other.x, y - other.y);
        }
    }

    public Polygon {
        if (corners.size() < 3) {
            throw new IllegalArgumentException("a polygon of " + corners.size() + " corners");
        }
        corners = List.copyOf(corners);
    }

    public static Polygon rectangle(double width, double height) {
        return new Polygon(List.of(new Point(0, 0), new Point(width, 0), new Point(width, height), new Point(0, height)));
    }

    public static Polygon regular(int count, double radius) {
        List<Point> corners = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            double angle = 2 * Math.PI * i / count;
            corners.add(new Point(radius * Math.cos(angle), radius * Math.sin(angle)));
        }
        return new Polygon(corners);
    }

    @Override
    public String name() {
        return corners.size() + "-gon";
    }

    @Override
    public double area() {
        double twice = 0;
        for (int i = 0; i < corners.size(); i++) {
            Point a = corners.get(i);
            Point b = corners.get((i + 1) % corners.size());
            twice += a.x() * b.y() - b.x() * a.y();
        }
        return Math.abs(twice) / 2;
    }

    @Override
    public double perimeter() {
        double sum = 0;
        for (int i = 0; i < corners.size(); i++) {
            sum += corners.get(i).distance(corners.get((i + 1) % corners.size()));
        }
        return sum;
    }

    @Override
    public Shape scaled(double factor) {
        return new Polygon(corners.stream().map(p -> new Point(p.x() * factor, p.y() * factor)).toList());
    }
}
