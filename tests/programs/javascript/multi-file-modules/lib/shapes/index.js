'use strict';

const { Polygon } = require('./polygon');
const { Circle } = require('./circle.js');

module.exports = { Polygon, Circle, kinds: ['polygon', 'circle'] };
