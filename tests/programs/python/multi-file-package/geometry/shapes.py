import math
from abc import ABC, abstractmethod

from .vector import Vector


class Shape(ABC):
    registry = {}

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        Shape.registry[cls.__name__.lower()] = cls

    @abstractmethod
    def area(self): ...

    @abstractmethod
    def perimeter(self): ...


class Circle(Shape):
    def __init__(self, x, y, radius):
        if radius <= 0:
            raise ValueError("radius must be positive")
        self.centre, self.radius = Vector(x, y), radius

    def area(self):
        return math.pi * self.radius ** 2

    def perimeter(self):
        return math.tau * self.radius


class Polygon(Shape):
    def __init__(self, *numbers):
        if len(numbers) < 6 or len(numbers) % 2:
            raise ValueError("a polygon needs three or more points")
        self.points = [Vector(*pair) for pair in zip(numbers[::2], numbers[1::2])]

    def edges(self):
        return zip(self.points, self.points[1:] + self.points[:1])

    def area(self):
        return abs(sum(a.cross(b) for a, b in self.edges())) / 2

    def perimeter(self):
        return sum((b - a).length() for a, b in self.edges())
