package shapes;

public interface Shape {
    String name();

    double area();

    double perimeter();

    Shape scaled(double factor);
}
