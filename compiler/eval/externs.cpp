#include "compiler/eval/externs.h"

#include <algorithm>
#include <cmath>

#include "compiler/eval/elaborator.h"
#include "compiler/eval/json_args.h"
#include "runtime/base/random.h"

namespace rexp::elaborate {
using diagnostics::Kind;
using Arguments = std::vector<Value>;

/// The builders; a friend of the evaluator, whose parts they put together.
struct Externs {
  static Value evaluate(Elaborator& e, const Arguments& a, Span span) {
    return e.evaluate_system(a[0], a[1], span);
  }

  // ---- numbers: constants are computed with the functions the runtime uses, the rest becomes row operations
  static Value unary(Elaborator& e, const Value& x, row::Op op, double (*f)(double)) {
    const TypeId real = e.type(TypeKind::real);
    if (const auto number = number_of(x)) return e.value(real, f(*number), x.from);
    if (!x.is_residual()) return e.unknown(real, x.from);
    return e.residual(real, e.row_->add(op, {row::Kind::real}, {e.lift(x)}), x.from);
  }
  static Value binary(Elaborator& e, const Arguments& a, row::Op op, double (*f)(double, double)) {
    const TypeId real = e.type(TypeKind::real);
    const Provenance from = join(a[0].from, a[1].from);
    const auto x = number_of(a[0]), y = number_of(a[1]);
    if (x && y) return e.value(real, f(*x, *y), from);
    if (e.row_ == nullptr) return e.unknown(real, from);
    const row::ExprId left = e.lift(a[0]), right = e.lift(a[1]);
    return e.residual(real, e.row_->add(op, {row::Kind::real}, {left, right}), from);
  }
  static Value cos(Elaborator& e, const Arguments& a, Span) {
    return unary(e, a[0], row::Op::cos, std::cos);
  }
  static Value exp(Elaborator& e, const Arguments& a, Span) {
    return unary(e, a[0], row::Op::exp, std::exp);
  }
  static Value log(Elaborator& e, const Arguments& a, Span) {
    return unary(e, a[0], row::Op::log, std::log);
  }
  static Value floor(Elaborator& e, const Arguments& a, Span) {
    return unary(e, a[0], row::Op::floor, std::floor);
  }
  static Value pow(Elaborator& e, const Arguments& a, Span) {
    return binary(e, a, row::Op::pow, std::pow);
  }
  static Value min(Elaborator& e, const Arguments& a, Span) {
    return binary(e, a, row::Op::min, std::fmin);
  }
  static Value max(Elaborator& e, const Arguments& a, Span) {
    return binary(e, a, row::Op::max, std::fmax);
  }

  // ---- metrics
  static Value metric_at(Elaborator& e, const std::string& name, const Arguments& sizes,
                         Span span) {
    std::string text = name;
    for (const Value& size : sizes) {
      const auto* k = size.as<int64_t>();
      if (k == nullptr || *k < 1) {
        e.report(Kind::condition_fails, span, "`" + name + "` needs a whole number of at least 1");
        return e.failed();
      }
      text += "@" + std::to_string(*k);
    }
    return e.value(e.domain("Metric"), MetricValue{text});
  }
  static Value hit(Elaborator& e, const Arguments& a, Span s) { return metric_at(e, "hit", a, s); }
  static Value recall(Elaborator& e, const Arguments& a, Span s) {
    return metric_at(e, "recall", a, s);
  }
  static Value ndcg(Elaborator& e, const Arguments& a, Span s) {
    return metric_at(e, "ndcg", a, s);
  }
  static Value prefix(Elaborator& e, const Arguments& a, Span s) {
    return metric_at(e, "prefix", a, s);
  }
  static Value metric(Elaborator& e, const Arguments& a, Span) {
    return e.value(e.domain("Metric"), MetricValue{*a[0].as<std::string>()});
  }

  // ---- baselines
  static Value popularity(Elaborator& e, const Arguments& a, Span s) {
    return e.baseline("popularity", a[0], nlohmann::json::object(), s);
  }
  static Value markov(Elaborator& e, const Arguments& a, Span s) {
    return e.baseline("markov", a[0], nlohmann::json::object(), s);
  }
  static Value item_knn(Elaborator& e, const Arguments& a, Span s) {
    return e.baseline("item_knn", a[0], {{"neighbours", to_json(a[1])}}, s);
  }

  // ---- vectors
  static Value vectors(Elaborator& e, int dataset, nlohmann::json args,
                       std::vector<Kernel> kernels) {
    const Dataset& d = e.datasets_[static_cast<size_t>(dataset)];
    Node node;
    node.name = d.name + "/" + args["kind"].get<std::string>();
    node.kind = "vectors";
    args["seed"] = e.settings_.package_seed;
    node.args = std::move(args);
    node.inputs = {d.load};
    node.kernels = std::move(kernels);
    node.stream = stream(e.settings_.package_seed, node.name);
    return e.value(e.domain("Vectors"), VectorsValue{e.graph_.add(std::move(node))});
  }
  static Value ppmi_svd(Elaborator& e, const Arguments& a, Span span) {
    const auto* part = a[0].as<PartValue>();
    if (part == nullptr) return e.failed();
    if (part->split != "train") {
      e.report(Kind::trains_on_held_out_rows, span,
               "vectors of co-occurrence would be learnt from " + part->split + " rows")
          .help = "pass the `train` part of the dataset";
      return e.failed();
    }
    return vectors(e, part->dataset,
                   {{"kind", "ppmi_svd"}, {"size", to_json(a[1])}, {"window", to_json(a[2])}}, {});
  }
  static Value text_features(Elaborator& e, const Arguments& a, Span span) {
    const auto* rows = a[0].as<RowsValue>();
    if (rows == nullptr || rows->shape != RowShape::items) {
      e.report(Kind::wrong_type, span, "`text_features` needs the items of a dataset").help =
          "pass `films.items`";
      return e.failed();
    }
    RowBuilder builder(row::FunctionKind::text, "text");
    return e.in_row(builder, [&]() -> Value {
      e.add_slots(RowShape::items);
      Value text = e.call_value(a[1], {e.row_variable(RowShape::items, rows->dataset, "")}, span);
      text = e.coerce(text, e.type(TypeKind::text), "`text`", span);
      if (e.is_error(text)) return text;
      Kernel kernel{"text",
                    e.datasets_[static_cast<size_t>(rows->dataset)].name,
                    builder.finish(e.lift(text)),
                    {}};
      return vectors(e, rows->dataset, {{"kind", "text_features"}, {"size", to_json(a[2])}},
                     {kernel});
    });
  }

  // ---- mixtures
  static Value copies(Elaborator& e, const Arguments& a, Span span) {
    MixtureValue mixture;
    mixture.span = span;
    const auto* tasks = a[1].shared<ListValue>();
    if (tasks == nullptr) return e.failed();
    for (const Value& one : tasks->elements) {
      const auto* task = one.shared<TaskValue>();
      if (task == nullptr) return e.failed();
      mixture.entries.push_back(
          {task->name, std::make_shared<const TaskValue>(*task), *number_of(a[0]), false, span});
    }
    return e.mixture_value(std::move(mixture));
  }
};

const std::vector<ExternBuilder>& extern_builders() {
  static const std::vector<ExternBuilder> builders = {
      {"std.core.cos", Externs::cos},
      {"std.core.exp", Externs::exp},
      {"std.core.log", Externs::log},
      {"std.core.pow", Externs::pow},
      {"std.core.floor", Externs::floor},
      {"std.core.min", Externs::min},
      {"std.core.max", Externs::max},
      {"std.rec.copies", Externs::copies},
      {"std.codebook.ppmi_svd", Externs::ppmi_svd},
      {"std.codebook.text_features", Externs::text_features},
      {"std.eval.evaluate", Externs::evaluate},
      {"std.eval.hit", Externs::hit},
      {"std.eval.recall", Externs::recall},
      {"std.eval.ndcg", Externs::ndcg},
      {"std.eval.prefix", Externs::prefix},
      {"std.eval.metric", Externs::metric},
      {"std.baseline.popularity", Externs::popularity},
      {"std.baseline.markov", Externs::markov},
      {"std.baseline.item_knn", Externs::item_knn},
  };
  return builders;
}

const ExternBuilder* find_extern(const std::string& name) {
  for (const ExternBuilder& builder : extern_builders()) {
    if (builder.name == name) return &builder;
  }
  return nullptr;
}

const std::vector<std::string>& externs_not_yet() {
  static const std::vector<std::string> names = {
      "std.eval.sample",       "std.eval.tally", "std.eval.table",   "std.eval.best",
      "std.eval.interactions", "std.seq.sasrec", "std.seq.bert4rec",
  };
  return names;
}

}  // namespace rexp::elaborate
