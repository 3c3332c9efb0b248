using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Drawing.Geometry;
using Drawing.Geometry.Render;

namespace Drawing
{
    class Describer : IVisitor<string>
    {
        public string Circle(Circle c) =>
            string.Format(CultureInfo.InvariantCulture, "circle of radius {0:0.0}", c.Radius);

        public string Polygon(Polygon p) =>
            string.Format("{0} with {1} corners", p.Name, p.Points.Count);
    }

    static class Program
    {
        static Polygon Regular(string name, int corners, Point center, double radius)
        {
            var points = Enumerable.Range(0, corners)
                .Select(i => 2 * Math.PI * i / corners)
                .Select(a => new Point(center.X + radius * Math.Cos(a), center.Y + radius * Math.Sin(a)));
            return new Polygon(name, points.ToArray());
        }

        static void Report(IEnumerable<Shape> shapes)
        {
            var describer = new Describer();
            foreach (var s in shapes.OrderBy(s => s.Area))
                Console.WriteLine(string.Format(CultureInfo.InvariantCulture,
                    "{0,-28} area {1,8:F3} perimeter {2,8:F3}", s.Accept(describer), s.Area, s.Perimeter));
        }

        static void Main()
        {
            var shapes = new List<Shape>
            {
                new Circle(new Point(10, 8), 6.5),
                new Polygon("triangle", new Point(20, 1), new Point(38, 15), new Point(20, 15)),
                new Polygon("rectangle", new Point(40, 2), new Point(50, 2), new Point(50, 8), new Point(40, 8)),
                Regular("hexagon", 6, new Point(50, 12), 5),
            };
            Report(shapes);

            var canvas = new Canvas(60, 18);
            string pens = "o#=+";
            for (int i = 0; i < shapes.Count; i++)
            {
                canvas.Pen = pens[i];
                Console.WriteLine("{0}: {1} cells", shapes[i].Name, shapes[i].Accept(canvas));
            }
            Console.Write(canvas);

            var bad = new Func<Shape>[]
            {
                () => new Circle(new Point(), -1),
                () => new Polygon("line", new Point(), new Point(1, 1)),
            };
            foreach (var make in bad)
            {
                try { make(); }
                catch (ArgumentException e) { Console.WriteLine("rejected: " + e.Message); }
            }
        }
    }
}
