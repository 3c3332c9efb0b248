// An ES module, loaded from CommonJS with a dynamic import().
export const title = 'Shape report';

export default function report(shapes, { digits = 2 } = {}) {
  return shapes.map((shape, i) => {
    const area = shape.area().toFixed(digits);
    const perimeter = shape.perimeter().toFixed(digits);
    return `${i + 1}. ${shape.describe()}: area ${area}, perimeter ${perimeter}`;
  });
}
