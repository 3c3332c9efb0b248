'use strict';

exports.Circle = class Circle {
  constructor(center, radius) {
    this.center = center;
    this.radius = radius;
  }

  area() {
    return Math.PI * this.radius ** 2;
  }

  perimeter() {
    return 2 * Math.PI * this.radius;
  }

  describe() {
    return `circle r=${this.radius} at ${this.center}`;
  }
};
