// SPDX-License-Identifier: Apache-2.0
#include "score/wups.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "support/atomic_file.h"
#include "support/error.h"
#include "support/text.h"

namespace hvlm {
namespace {

constexpr size_t kLargestFile = size_t{64} << 20;  // bytes; the nouns of version 3.0 take 15 MB
using Ending = std::pair<const char*, const char*>;

// Endings that are taken off to reach the base form (WordNet's morphy, detachment rules).
const std::vector<Ending>& endings(bool verbs) {
  static const std::vector<Ending> kNoun = {{"s", ""},      {"ses", "s"},   {"ves", "f"},   {"xes", "x"}, {"zes", "z"},
                                            {"ches", "ch"}, {"shes", "sh"}, {"men", "man"}, {"ies", "y"}};
  static const std::vector<Ending> kVerb = {{"s", ""},   {"ies", "y"}, {"es", "e"},  {"es", ""},
                                            {"ed", "e"}, {"ed", ""},   {"ing", "e"}, {"ing", ""}};
  return verbs ? kVerb : kNoun;
}

// The fields of one line, one after another.
class Fields {
 public:
  explicit Fields(std::string_view line) : rest_(line) {}
  std::string_view next() {
    const size_t from = rest_.find_first_not_of(' ');
    if (from == std::string_view::npos) return rest_ = {};
    const size_t to = std::min(rest_.find(' ', from), rest_.size());
    const std::string_view field = rest_.substr(from, to - from);
    rest_.remove_prefix(to);
    return field;
  }
  int64_t number(int base = 10) {  // -1 when it is none
    const std::string_view field = next();
    int64_t value = -1;
    const auto [end, fault] = std::from_chars(field.data(), field.data() + field.size(), value, base);
    return fault == std::errc() && end == field.data() + field.size() ? value : -1;
  }

 private:
  std::string_view rest_;
};

template <class OnLine>
void eachLine(std::string_view text, OnLine on_line) {
  for (size_t from = 0; from < text.size();) {
    const size_t to = std::min(text.find('\n', from), text.size());
    std::string_view line = text.substr(from, to - from);
    if (!line.empty() && line.front() != ' ') on_line(line);  // the licence at the top is indented
    from = to + 1;
  }
}

}  // namespace

// One part of speech. Synsets are numbered in the order of the data file.
struct WordNet::Part {
  bool verbs = false;
  std::unordered_map<std::string, std::vector<int32_t>> senses;         // base form -> synsets
  std::unordered_map<std::string, std::vector<std::string>> irregular;  // form -> base forms
  std::vector<std::vector<int32_t>> parents;
  std::vector<int32_t> shallow, deep;  // fewest and most steps up to a root

  void read(const std::filesystem::path& folder, const std::string& name);
  void measureDepths();
  std::vector<int32_t> sensesOf(const std::string& word) const;
  std::unordered_map<int32_t, int32_t> ancestors(int32_t synset) const;  // -> fewest steps up, itself included
  double similarity(int32_t a, const std::unordered_map<int32_t, int32_t>& above_a, int32_t b) const;
};

void WordNet::Part::read(const std::filesystem::path& folder, const std::string& name) {
  const std::filesystem::path data_path = folder / ("data." + name);
  const std::filesystem::path index_path = folder / ("index." + name);
  std::unordered_map<int64_t, int32_t> by_offset;
  std::vector<std::vector<int64_t>> above;
  eachLine(readFile(data_path, kLargestFile), [&](std::string_view line) {
    Fields fields(line);
    const int64_t offset = fields.number();
    fields.next(), fields.next();  // lexicographer file, kind of synset
    const int64_t words = fields.number(16);
    for (int64_t w = 0; w < std::min<int64_t>(words, 255); ++w) fields.next(), fields.next();
    const int64_t pointers = fields.number();
    if (offset < 0 || words < 1 || pointers < 0) return;
    by_offset.emplace(offset, static_cast<int32_t>(above.size()));
    std::vector<int64_t>& up = above.emplace_back();
    for (int64_t p = 0; p < std::min<int64_t>(pointers, 999); ++p) {
      const std::string_view symbol = fields.next();
      const int64_t target = fields.number();
      fields.next(), fields.next();  // part of speech, source and target word
      if (symbol == "@" || symbol == "@i") up.push_back(target);
    }
  });
  if (above.empty()) {
    throw InputError({.where = data_path.string(),
                      .expected = "synsets of a WordNet 3.0 database",
                      .found = "none",
                      .remedy = "Give the folder of Debian's wordnet-base or of WordNet's own dict."});
  }
  parents.resize(above.size());
  for (size_t s = 0; s < above.size(); ++s) {
    for (const int64_t target : above[s]) {
      if (const auto found = by_offset.find(target); found != by_offset.end()) parents[s].push_back(found->second);
    }
  }
  eachLine(readFile(index_path, kLargestFile), [&](std::string_view line) {
    Fields fields(line);
    const std::string lemma(fields.next());
    fields.next();  // part of speech
    const int64_t count = fields.number();
    const int64_t symbols = fields.number();
    for (int64_t s = 0; s < std::min<int64_t>(symbols, 99); ++s) fields.next();
    fields.next(), fields.next();  // senses again, tagged senses
    for (int64_t s = 0; s < std::min<int64_t>(count, 999); ++s) {
      if (const auto found = by_offset.find(fields.number()); found != by_offset.end())
        senses[lemma].push_back(found->second);
    }
  });
  if (senses.empty()) {
    throw InputError({.where = index_path.string(),
                      .expected = "words of a WordNet 3.0 database",
                      .found = "none",
                      .remedy = "Give the folder of Debian's wordnet-base or of WordNet's own dict."});
  }
  if (const auto path = folder / (name + ".exc"); std::filesystem::exists(path)) {
    eachLine(readFile(path, kLargestFile), [&](std::string_view line) {
      Fields fields(line);
      std::vector<std::string>& bases = irregular[std::string(fields.next())];
      for (std::string_view base = fields.next(); !base.empty(); base = fields.next()) bases.emplace_back(base);
    });
  }
  measureDepths();
}

// Depth first with an own stack; a parent still being measured closes a cycle and is passed over.
void WordNet::Part::measureDepths() {
  shallow.assign(parents.size(), -1);
  deep.assign(parents.size(), -1);
  std::vector<uint8_t> open(parents.size(), 0);
  std::vector<int32_t> stack;
  for (size_t start = 0; start < parents.size(); ++start) {
    stack.push_back(static_cast<int32_t>(start));
    while (!stack.empty()) {
      const auto s = static_cast<size_t>(stack.back());
      if (deep[s] < 0 && open[s] == 0) {
        open[s] = 1;
        for (const int32_t p : parents[s]) {
          if (deep[static_cast<size_t>(p)] < 0 && open[static_cast<size_t>(p)] == 0) stack.push_back(p);
        }
        if (static_cast<size_t>(stack.back()) != s) continue;
      }
      stack.pop_back();
      if (deep[s] >= 0) continue;
      int32_t least = -1;
      int32_t most = -1;
      for (const int32_t p : parents[s]) {
        const auto parent = static_cast<size_t>(p);
        if (deep[parent] < 0) continue;
        least = least < 0 ? shallow[parent] : std::min(least, shallow[parent]);
        most = std::max(most, deep[parent]);
      }
      shallow[s] = least + 1;
      deep[s] = most + 1;
    }
  }
}

std::vector<int32_t> WordNet::Part::sensesOf(const std::string& word) const {
  std::vector<std::string> forms = {word};
  if (const auto found = irregular.find(word); found != irregular.end()) {
    forms.insert(forms.end(), found->second.begin(), found->second.end());
  } else {
    for (const auto& [old_end, new_end] : endings(verbs)) {
      if (word.ends_with(old_end))
        forms.push_back(word.substr(0, word.size() - std::string_view(old_end).size()) + new_end);
    }
  }
  std::set<int32_t> all;
  for (const std::string& form : forms) {
    if (const auto found = senses.find(form); found != senses.end())
      all.insert(found->second.begin(), found->second.end());
  }
  return {all.begin(), all.end()};
}

std::unordered_map<int32_t, int32_t> WordNet::Part::ancestors(int32_t synset) const {
  std::unordered_map<int32_t, int32_t> steps = {{synset, 0}};
  std::vector<int32_t> front = {synset};
  for (int32_t distance = 1; !front.empty(); ++distance) {
    std::vector<int32_t> next;
    for (const int32_t s : front) {
      for (const int32_t p : parents[static_cast<size_t>(s)]) {
        if (steps.emplace(p, distance).second) next.push_back(p);
      }
    }
    front = std::move(next);
  }
  return steps;
}

double WordNet::Part::similarity(int32_t a, const std::unordered_map<int32_t, int32_t>& above_a, int32_t b) const {
  const std::unordered_map<int32_t, int32_t> above_b = ancestors(b);
  int32_t deepest = -1;
  double best = 0.0;  // the best of those equally deep, but a itself before others
  for (const auto& [s, steps] : above_b) {
    const auto up = above_a.find(s);
    if (up == above_a.end()) continue;
    const int32_t depth = shallow[static_cast<size_t>(s)];
    if (verbs && depth == 0 && s != a) continue;  // no deeper than the imaginary root
    const double nodes = deep[static_cast<size_t>(s)] + 1.0;
    const double value = 2.0 * nodes / (2.0 * nodes + steps + up->second);
    if (depth > deepest || (depth == deepest && value > best)) best = value;
    deepest = std::max(deepest, depth);
  }
  if (deepest >= 0 || !verbs) return best;
  const auto toRoot = [](const std::unordered_map<int32_t, int32_t>& above) {
    int32_t longest = 0;
    for (const auto& [s, steps] : above) longest = std::max(longest, steps);
    return longest + 1.0;
  };
  return 2.0 / (2.0 + toRoot(above_a) + toRoot(above_b));
}

WordNet::WordNet(const std::filesystem::path& folder) {
  parts_.push_back(std::make_unique<Part>());
  parts_.back()->read(folder, "noun");
  if (!std::filesystem::exists(folder / "index.verb") || !std::filesystem::exists(folder / "data.verb")) return;
  parts_.push_back(std::make_unique<Part>());
  parts_.back()->verbs = true;
  parts_.back()->read(folder, "verb");
}
WordNet::~WordNet() = default;

size_t WordNet::synsets() const {
  size_t count = 0;
  for (const auto& part : parts_) count += part->parents.size();
  return count;
}

double WordNet::similarity(const std::string& a, const std::string& b) const {
  if (a == b) return 1.0;
  double best = 0.0;
  for (const auto& part : parts_) {
    const std::vector<int32_t> senses_b = part->sensesOf(b);
    if (senses_b.empty()) continue;
    for (const int32_t x : part->sensesOf(a)) {
      const std::unordered_map<int32_t, int32_t> above = part->ancestors(x);
      for (const int32_t y : senses_b) best = std::max(best, part->similarity(x, above, y));
    }
  }
  return best;
}

}  // namespace hvlm
