// SPDX-License-Identifier: Apache-2.0
#include "engine/model/merging.h"

#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "support/error.h"

namespace hvlm {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr double kWeightFloor = 1e-3;  // of a row without importance: no row is left out of its token
constexpr double kCountSlack = 1e-9;   // 0.29 * 100 is 29 rows
constexpr int64_t kAround = 4;         // rows on each side of the local mean

// What the plan reads of the rows, on the host.
struct RowFacts {
  std::vector<double> next_cosine;   // [N] with the row after it; meaningless in a run's last row
  std::vector<double> skip_cosine;   // [N] with the second row after it
  std::vector<double> norm;          // [N]
  std::vector<double> motion;        // [N] or empty
  std::vector<double> saliency;      // [N] or empty
};

std::vector<double> toHost(const at::Tensor& t) {
  const at::Tensor values = t.to(at::kCPU, at::kDouble).contiguous();
  const double* first = values.data_ptr<double>();
  return {first, first + values.numel()};
}

// Dot product of each row with the one `gap` rows later; 0 where there is none.
at::Tensor dotWithLater(const at::Tensor& rows, int64_t gap) {
  const int64_t n = rows.size(0);
  at::Tensor out = at::zeros({n}, rows.options());
  if (n > gap) out.narrow(0, 0, n - gap).copy_((rows.narrow(0, 0, n - gap) * rows.narrow(0, gap, n - gap)).sum(1));
  return out;
}

// ||x_t - x_{t-1}||. A run's first row gets a value across the border, which the plan sets to 0.
at::Tensor featureMotion(const at::Tensor& x) {
  const int64_t n = x.size(0);
  at::Tensor out = at::zeros({n}, x.options());
  if (n > 1) out.narrow(0, 1, n - 1).copy_((x.narrow(0, 1, n - 1) - x.narrow(0, 0, n - 1)).norm(2, 1));
  return out;
}

// ||x_t - mean of the rows up to kAround away in its run||, summed in the same order for every row.
at::Tensor featureSaliency(const at::Tensor& x, const std::vector<int64_t>& offsets) {
  const int64_t n = x.size(0);
  at::Tensor sum = x.clone();
  std::vector<int64_t> counts(static_cast<size_t>(n), 1);
  for (int64_t gap = 1; gap <= std::min(kAround, n - 1); ++gap) {
    std::vector<int64_t> has_later(static_cast<size_t>(n), 0);
    for (size_t r = 0; r + 1 < offsets.size(); ++r) {
      for (int64_t i = offsets[r]; i + gap < offsets[r + 1]; ++i) {
        has_later[static_cast<size_t>(i)] = 1;
        ++counts[static_cast<size_t>(i)];
        ++counts[static_cast<size_t>(i + gap)];
      }
    }
    const at::Tensor apart = indexTensor(has_later, x.device()).narrow(0, 0, n - gap).unsqueeze(1) == 0;
    const at::Tensor earlier = x.narrow(0, 0, n - gap).masked_fill(apart, 0);
    const at::Tensor later = x.narrow(0, gap, n - gap).masked_fill(apart, 0);
    sum.narrow(0, 0, n - gap).add_(later);
    sum.narrow(0, gap, n - gap).add_(earlier);
  }
  return (x - sum / indexTensor(counts, x.device()).unsqueeze(1)).norm(2, 1);
}

RowFacts readFacts(const at::Tensor& x, const std::vector<int64_t>& offsets, const MergeOptions& options,
                   const at::Tensor& motion, const at::Tensor& saliency) {
  const at::Tensor norm = x.norm(2, 1);
  const at::Tensor unit = x / norm.unsqueeze(1).masked_fill(norm.unsqueeze(1) == 0, 1);
  std::vector<at::Tensor> facts = {dotWithLater(unit, 1), dotWithLater(unit, 2), norm};
  if (options.criterion == "importance") {
    facts.push_back(motion.defined() ? motion.detach().to(x.options()) : featureMotion(x));
    facts.push_back(saliency.defined() ? saliency.detach().to(x.options()) : featureSaliency(x, offsets));
  }
  const std::vector<double> all = toHost(at::stack(facts));  // one copy from the device
  const auto n = static_cast<std::ptrdiff_t>(x.size(0));
  const auto part = [&](size_t i) {
    const auto first = all.begin() + static_cast<std::ptrdiff_t>(i) * n;
    return i < facts.size() ? std::vector<double>(first, first + n) : std::vector<double>();
  };
  RowFacts out{part(0), part(1), part(2), part(3), part(4)};
  if (!out.motion.empty() && !motion.defined()) {
    for (size_t r = 0; r + 1 < offsets.size(); ++r) out.motion[static_cast<size_t>(offsets[r])] = 0;
  }
  return out;
}

void addScaled(std::vector<double>& to, const double* values, double factor) {
  double largest = 0;
  for (size_t i = 0; i < to.size(); ++i) largest = std::max(largest, values[i]);
  if (!(largest > 0) || !std::isfinite(largest)) return;
  for (size_t i = 0; i < to.size(); ++i) to[i] += factor * std::max(0.0, values[i] / largest);  // NaN counts as 0
}

// One run: pairs, their choice, and what goes where. Rows are counted from the run's first.
class RunPlan {
 public:
  RunPlan(const RowFacts& facts, int64_t first, int64_t rows, const MergeOptions& options)
      : facts_(facts), first_(static_cast<size_t>(first)), options_(options), into_(static_cast<size_t>(rows), -1) {
    weighs_ = options.criterion == "importance";
    importance_.assign(into_.size(), 0.0);
    if (weighs_) {
      addScaled(importance_, facts.motion.data() + first_, options.motion);
      addScaled(importance_, facts.saliency.data() + first_, options.saliency);
    }
    pickPairs();
    mergeBest();
  }

  double weight(size_t row) const { return weighs_ ? kWeightFloor + importance_[row] : 1.0; }
  // Whether the row goes into the same token as the row before it.
  bool joinsPrevious(size_t row) const {
    return row > 0 && (into_[row] == static_cast<int64_t>(row) - 1 || into_[row - 1] == static_cast<int64_t>(row));
  }

 private:
  struct Pair {
    size_t even = 0, odd = 0;
    double cosine = 0;
    double score = 0;
  };

  Pair makePair(size_t even, size_t odd) const {
    const double cosine = facts_.next_cosine[first_ + std::min(even, odd)];
    return {even, odd, cosine, weighs_ ? cosine - (importance_[even] + importance_[odd]) / 2 : cosine};
  }

  void pickPairs() {
    for (size_t even = 0; even < into_.size(); even += 2) {
      std::vector<Pair> choices;
      if (even > 0) choices.push_back(makePair(even, even - 1));
      if (even + 1 < into_.size()) choices.push_back(makePair(even, even + 1));
      std::erase_if(choices, [](const Pair& pair) { return !(pair.cosine >= 0); });
      if (choices.empty()) continue;
      const bool second = choices.size() == 2 && choices[1].score >= choices[0].score;  // equals spread out: the next one
      pairs_.push_back(choices[second ? 1 : 0]);
    }
  }

  int64_t wanted() const {
    const auto rows = static_cast<double>(into_.size());
    const auto floored = [&](double share) { return static_cast<int64_t>(std::floor(share * rows + kCountSlack)); };
    if (options_.schedule == "constant") return floored(options_.ratio);
    const auto redundant = static_cast<int64_t>(
        std::count_if(pairs_.begin(), pairs_.end(), [&](const Pair& pair) { return pair.cosine >= options_.threshold; }));
    const auto least = static_cast<int64_t>(std::ceil(options_.min_ratio * rows - kCountSlack));
    return std::min(std::max(redundant, least), floored(options_.max_ratio));
  }

  // Two opposite neighbours would cancel in a token whose middle row is zero.
  bool wouldCancel(const Pair& pair) const {
    if (facts_.norm[first_ + pair.odd] != 0) return false;
    const size_t low = pair.odd - 1, high = pair.odd + 1;
    const size_t other = pair.even == low ? high : low;
    return other < into_.size() && into_[other] == static_cast<int64_t>(pair.odd) &&
           !(facts_.skip_cosine[first_ + low] >= 0);
  }

  void mergeBest() {
    std::vector<Pair> best = pairs_;
    std::stable_sort(best.begin(), best.end(), [](const Pair& a, const Pair& b) { return a.score > b.score; });
    int64_t left = wanted();
    for (const Pair& pair : best) {
      if (left <= 0) break;
      if (wouldCancel(pair)) continue;
      into_[pair.even] = static_cast<int64_t>(pair.odd);
      --left;
    }
  }

  const RowFacts& facts_;
  size_t first_;
  const MergeOptions& options_;
  bool weighs_ = false;
  std::vector<double> importance_;  // [T]
  std::vector<Pair> pairs_;         // finite scores only, rising in `even`
  std::vector<int64_t> into_;       // [T] the odd row that an even one goes into, or -1
};

// Collects the tokens of all runs.
struct PlanLists {
  std::vector<int64_t> offsets = {0};
  std::vector<int64_t> token_of_row, size;
  std::vector<double> share, mass;
  std::array<std::vector<int64_t>, 3> members;

  void add(const RunPlan& run, int64_t first, int64_t rows) {
    std::vector<double> weights;
    for (int64_t i = 0; i < rows; ++i) {
      const auto row = static_cast<size_t>(i);
      const bool joins = run.joinsPrevious(row);
      if (!joins) {
        size.push_back(0);
        mass.push_back(0);
        for (std::vector<int64_t>& list : members) list.push_back(first + i);
      }
      members[static_cast<size_t>(size.back())].back() = first + i;
      ++size.back();
      mass.back() += run.weight(row);
      weights.push_back(run.weight(row));
      token_of_row.push_back(static_cast<int64_t>(size.size()) - 1);
    }
    for (int64_t i = 0; i < rows; ++i) {
      share.push_back(weights[static_cast<size_t>(i)] / mass[static_cast<size_t>(token_of_row[static_cast<size_t>(first + i)])]);
    }
    offsets.push_back(static_cast<int64_t>(size.size()));
  }
};

at::Tensor realTensor(const std::vector<double>& values, const at::TensorOptions& options) {
  at::Tensor t = at::empty({static_cast<int64_t>(values.size())}, at::kDouble);
  std::copy(values.begin(), values.end(), t.data_ptr<double>());
  return t.to(options);
}

MergePlan toPlan(PlanLists&& lists, const at::TensorOptions& options) {
  const at::Device device = options.device();
  MergePlan plan;
  plan.token_of_row = indexTensor(lists.token_of_row, device);
  plan.weight_of_row = realTensor(lists.share, options);
  plan.size = indexTensor(lists.size, device);
  plan.mass = realTensor(lists.mass, options);
  plan.members = at::stack({indexTensor(lists.members[0], device), indexTensor(lists.members[1], device),
                            indexTensor(lists.members[2], device)});
  const at::Tensor first = plan.members.select(0, 0).unsqueeze(0);
  plan.present = plan.members.ne(first).to(options);
  plan.present.select(0, 0).fill_(1);
  plan.offsets = std::move(lists.offsets);
  return plan;
}

// Rows that a token has not are its first row times 0, so that nothing leaks over from other tokens.
at::Tensor sumOfMembers(const at::Tensor& rows, const at::Tensor& members, const at::Tensor& factors) {
  at::Tensor sum;
  for (int64_t i = 0; i < 3; ++i) {
    const at::Tensor part = rows.index_select(0, members.select(0, i)) * factors.select(0, i).unsqueeze(1);
    if (i == 0) {
      sum = part;
    } else {
      sum.add_(part);
    }
  }
  return sum;
}

struct MergeRows : torch::autograd::Function<MergeRows> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            const at::Tensor& token_of_row, const at::Tensor& members, const at::Tensor& factors) {
    context->save_for_backward({weight, token_of_row});
    return sumOfMembers(x, members, factors);
  }
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor x = gradients[0].index_select(0, saved[1]) * saved[0].unsqueeze(1);
    return {x, at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

struct UnmergeRows : torch::autograd::Function<UnmergeRows> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& y, const at::Tensor& token_of_row,
                            const at::Tensor& members, const at::Tensor& present) {
    context->save_for_backward({members, present});
    return y.index_select(0, token_of_row);
  }
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    return {sumOfMembers(gradients[0], saved[0], saved[1]), at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

void checkRows(const at::Tensor& t, int64_t rows, const std::string& what) {
  if (!t.defined() || t.dim() != 2 || t.size(0) != rows || !t.is_floating_point()) {
    const std::string found = !t.defined() ? "none" : "rank " + std::to_string(t.dim()) + ", " + std::to_string(t.numel()) + " numbers";
    throw ShapeError(what + ": " + std::to_string(rows) + " rows expected, found " + found);
  }
}

void checkChannel(const at::Tensor& t, int64_t rows, const std::string& what) {
  if (t.defined() && (t.dim() != 1 || t.size(0) != rows)) {
    throw ShapeError("planMerge: " + what + " of " + std::to_string(t.numel()) + " values for " + std::to_string(rows) + " rows");
  }
}

}  // namespace

MergePlan planMerge(const at::Tensor& x, const std::vector<int64_t>& offsets, const MergeOptions& options,
                    const at::Tensor& motion, const at::Tensor& saliency) {
  if (offsets.empty() || offsets.front() != 0) throw ShapeError("planMerge: offsets must start with 0");
  checkRows(x, offsets.back(), "planMerge");
  checkChannel(motion, offsets.back(), "motion");
  checkChannel(saliency, offsets.back(), "saliency");
  // Half precision would tie most cosines and drop small norms.
  const at::Tensor rows = x.detach().to(x.scalar_type() == at::kDouble ? at::kDouble : at::kFloat);
  const RowFacts facts = readFacts(rows, offsets, options, motion, saliency);
  PlanLists lists;
  for (size_t r = 0; r + 1 < offsets.size(); ++r) {
    const int64_t length = offsets[r + 1] - offsets[r];
    if (length < 1) throw ShapeError("planMerge: run " + std::to_string(r) + " has no rows");
    lists.add(RunPlan(facts, offsets[r], length, options), offsets[r], length);
  }
  return toPlan(std::move(lists), rows.options());
}

at::Tensor mergeRows(const at::Tensor& x, const MergePlan& plan) {
  checkRows(x, plan.rows(), "mergeRows");
  const at::Tensor weight = plan.weight_of_row.to(x.scalar_type());
  const at::Tensor factors = weight.index_select(0, plan.members.flatten()).view_as(plan.members) * plan.present.to(x.scalar_type());
  return MergeRows::apply(x, weight, plan.token_of_row, plan.members, factors);
}

at::Tensor unmergeRows(const at::Tensor& y, const MergePlan& plan) {
  checkRows(y, plan.tokens(), "unmergeRows");
  return UnmergeRows::apply(y, plan.token_of_row, plan.members, plan.present.to(y.scalar_type()));
}

at::Tensor mergedPositions(const MergePlan& plan, const RunIndex& index) {
  if (index.rows() != plan.rows()) {
    throw ShapeError("mergedPositions: borders for " + std::to_string(index.rows()) + " rows, a plan of " + std::to_string(plan.rows()));
  }
  return index.position_of_row.index_select(0, plan.members.select(0, 0));
}

}  // namespace hvlm
