using System.Text;

namespace Drawing.Geometry.Render
{
    public class Canvas : IVisitor<int>
    {
        readonly char[,] pixels;
        readonly int width, height;
        public char Pen { get; set; } = '*';

        public Canvas(int width, int height)
        {
            this.width = width;
            this.height = height;
            pixels = new char[height, width];
        }

        public int Circle(Circle c)
        {
            int n = 0;
            for (int y = 0; y < height; y++)
                for (int x = 0; x < width; x++)
                    if ((new Point(x, y) - c.Center).Length <= c.Radius) n += Plot(x, y);
            return n;
        }

        public int Polygon(Polygon p)
        {
            int n = 0;
            for (int y = 0; y < height; y++)
                for (int x = 0; x < width; x++)
                    if (Inside(p, x + 0.25, y + 0.25)) n += Plot(x, y);
            return n;
        }

        static bool Inside(Polygon p, double x, double y)
        {
            bool inside = false;
            for (int i = 0, j = p.Points.Count - 1; i < p.Points.Count; j = i++)
            {
                Point a = p.Points[i], b = p.Points[j];
                if (a.Y > y != b.Y > y && x < (b.X - a.X) * (y - a.Y) / (b.Y - a.Y) + a.X)
                    inside = !inside;
            }
            return inside;
        }

        int Plot(int x, int y)
        {
            pixels[y, x] = Pen;
            return 1;
        }

        public override string ToString()
        {
            var sb = new StringBuilder();
            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < width; x++)
                    sb.Append(pixels[y, x] == '\0' ? '.' : pixels[y, x]);
                sb.Append('\n');
            }
            return sb.ToString();
        }
    }
}
