// Graphs: breadth and depth first search, Dijkstra, topological order, connected components, a maze.
#include <algorithm>
#include <iostream>
#include <limits>
#include <map>
#include <queue>
#include <set>
#include <string>
#include <tuple>
#include <vector>

class Graph {
 public:
  void edge(const std::string &from, const std::string &to, int weight, bool both = true) {
    edges_[from][to] = weight;
    if (both) edges_[to][from] = weight;
    else edges_[to];
  }

  std::map<std::string, int> distances(const std::string &start) const {
    std::map<std::string, int> best;
    using Entry = std::pair<int, std::string>;
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> open;
    open.emplace(0, start);
    while (!open.empty()) {
      const auto [distance, node] = open.top();
      open.pop();
      if (!best.emplace(node, distance).second) continue;
      for (const auto &[next, weight] : edges_.at(node)) open.emplace(distance + weight, next);
    }
    return best;
  }

  std::vector<std::string> topological() const {
    std::vector<std::string> order;
    std::set<std::string> seen;
    const auto visit = [&](const auto &self, const std::string &node) -> void {
      if (!seen.insert(node).second) return;
      for (const auto &[next, weight] : edges_.at(node)) self(self, next);
      order.push_back(node);
    };
    for (const auto &[node, neighbours] : edges_) visit(visit, node);
    std::reverse(order.begin(), order.end());
    return order;
  }

  std::vector<std::set<std::string>> components() const {
    std::vector<std::set<std::string>> all;
    std::set<std::string> seen;
    for (const auto &[node, neighbours] : edges_) {
      if (seen.contains(node)) continue;
      std::set<std::string> component;
      for (const auto &[reached, distance] : distances(node)) component.insert(reached);
      seen.insert(component.begin(), component.end());
      all.push_back(component);
    }
    return all;
  }

 private:
  std::map<std::string, std::map<std::string, int>> edges_;
};

static int shortest_way(std::vector<std::string> &maze) {
  const int height = static_cast<int>(maze.size()), width = static_cast<int>(maze[0].size());
  std::vector<std::vector<int>> distance(maze.size(), std::vector<int>(maze[0].size(), -1));
  std::queue<std::pair<int, int>> open;
  open.emplace(0, 0);
  distance[0][0] = 0;
  while (!open.empty()) {
    const auto [y, x] = open.front();
    open.pop();
    for (const auto &[dy, dx] : {std::pair{0, 1}, {1, 0}, {0, -1}, {-1, 0}}) {
      const int ny = y + dy, nx = x + dx;
      if (ny < 0 || nx < 0 || ny >= height || nx >= width || maze[ny][nx] == '#' || distance[ny][nx] >= 0) continue;
      distance[ny][nx] = distance[y][x] + 1;
      open.emplace(ny, nx);
    }
  }
  return distance[height - 1][width - 1];
}

int main() {
  Graph roads;
  for (const auto &[from, to, km] : {std::tuple{"Basel", "Bern", 95}, {"Basel", "Zug", 110}, {"Bern", "Genf", 155},
                                     {"Zug", "Chur", 120}, {"Bern", "Zug", 130}, {"Oslo", "Bergen", 463}})
    roads.edge(from, to, km);
  for (const auto &[town, km] : roads.distances("Basel")) std::cout << town << ' ' << km << '\n';
  for (const auto &component : roads.components()) {
    for (const auto &town : component) std::cout << town << ' ';
    std::cout << '\n';
  }
  Graph tasks;
  for (const auto &[before, after] : {std::pair{"shirt", "tie"}, {"tie", "jacket"}, {"trousers", "shoes"},
                                      {"trousers", "belt"}, {"belt", "jacket"}, {"socks", "shoes"}})
    tasks.edge(before, after, 1, false);
  for (const auto &task : tasks.topological()) std::cout << task << ' ';
  std::cout << '\n';
  std::vector<std::string> maze = {"..#.....", "#.#.###.", "...#...#", ".#...#..", ".####.#.", "......#."};
  std::cout << "maze: " << shortest_way(maze) << " steps\n";
}
