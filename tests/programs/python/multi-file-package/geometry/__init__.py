"""A tiny geometry package."""
from .shapes import Circle, Polygon, Shape
from .vector import Vector

__all__ = ["Circle", "Polygon", "Shape", "Vector"]
__version__ = "1.2.0"
