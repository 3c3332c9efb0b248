'use strict';

const { Vector } = require('../vector');

exports.Polygon = class Polygon {
  constructor(points) {
    if (points.length < 3) throw new RangeError('a polygon needs three points');
    this.points = points.map(Vector.from);
  }

  *edges() {
    for (const [i, start] of this.points.entries()) {
      yield [start, this.points[(i + 1) % this.points.length]];
    }
  }

  area() {
    let twice = 0;
    for (const [a, b] of this.edges()) twice += a.cross(b);
    return Math.abs(twice) / 2;
  }

  perimeter() {
    let total = 0;
    for (const [a, b] of this.edges()) total += b.minus(a).length;
    return total;
  }

  describe() {
    return `polygon ${this.points.join(' ')}`;
  }
};
