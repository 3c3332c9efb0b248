'use strict';

class Vector {
  constructor(x, y) {
    this.x = x;
    this.y = y;
    Object.freeze(this);
  }

  static from([x, y]) {
    return new Vector(x, y);
  }

  plus(other) {
    return new Vector(this.x + other.x, this.y + other.y);
  }

  minus(other) {
    return new Vector(this.x - other.x, this.y - other.y);
  }

  cross(other) {
    return this.x * other.y - this.y * other.x;
  }

  get length() {
    return Math.hypot(this.x, this.y);
  }

  toString() {
    return `(${this.x}, ${this.y})`;
  }
}

module.exports = { Vector };
