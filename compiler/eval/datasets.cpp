// Datasets, their rows, vectors and codebooks: `load`, `rows` and `codebook` nodes.
#include <algorithm>
#include <filesystem>

#include "compiler/eval/elaborator.h"
#include "compiler/eval/json_args.h"
#include "runtime/base/random.h"

namespace rexp::elaborate {
using diagnostics::Kind;
using nlohmann::json;

namespace {

constexpr int64_t kDefaultHistory = 50;  // of `rows = films.test`, which does not say

}  // namespace

json Elaborator::load_columns(TypeId item) {
  json columns = json::array();
  for (const check::Field& f : program_.schema(types()[item].index).fields) {
    if (f.name == "id") continue;
    const std::optional<row::Type> row = row_type(f.type);
    const char* kind = !row                              ? nullptr
                       : row->kind == row::Kind::text    ? "text"
                       : row->kind == row::Kind::integer ? "int"
                       : row->kind == row::Kind::real    ? "float"
                       : row->kind == row::Kind::list && row->element == row::Kind::text
                           ? "text_list"
                           : nullptr;
    if (kind == nullptr) {
      report(Kind::wrong_type, f.span,
             "a column holds `Text`, `Int`, `Float` or `[Text]`, found `" + types().name(f.type) +
                 "`");
      continue;
    }
    json column = {{"name", f.name}, {"type", kind}};
    if (f.initial) {
      const Value fallback = coerce(eval(Scope{f.module, nullptr}, *f.initial, f.type), f.type,
                                    "`" + f.name + "`", f.span);
      if (!is_error(fallback)) column["default"] = to_json(fallback);
    }
    columns.push_back(std::move(column));
  }
  return columns;
}

json Elaborator::load_source(const RecordValue& source, Location* location) {
  const std::string& schema = program_.schema(source.schema).name;
  json out = json::object();
  auto copy = [&](const char* name) {
    if (const Value* v = field(source, name)) out[name] = to_json(*v);
  };
  if (schema == "ToySource") {
    out["kind"] = "toy";
    for (const char* name : {"users", "items", "seed", "language"}) copy(name);
    return out;
  }
  copy("rename");
  if (out["rename"].empty()) out.erase("rename");
  const Value* format = field(source, "format");
  if (format != nullptr && format->as<EnumValue>() != nullptr)
    location->format = format->as<EnumValue>()->name;
  if (const Value* hint = field(source, "hint"))
    location->hint = to_json(*hint).is_string() ? to_json(*hint).get<std::string>() : "";
  if (schema == "Catalogued") {
    location->kind = Location::Kind::catalogue;
    location->name = to_json(*field(source, "name")).get<std::string>();
  } else {
    location->kind = Location::Kind::files;
    const json files = to_json(*field(source, "files"));
    for (const auto& [role, path] : files.items()) location->files[role] = path.get<std::string>();
    if (location->files.count("prefix") > 0) {
      location->kind = Location::Kind::prefix;
      location->path = location->files["prefix"];
      location->files.clear();
    }
  }
  return out;
}

Kernel Elaborator::keep_kernel(const std::string& name, const Value& keep) {
  RowBuilder builder(row::FunctionKind::predicate, name);
  return in_row(builder, [&] {
    builder.slot("events_begin", {row::Kind::event});
    builder.slot("events_end", {row::Kind::event});
    const auto* function = keep.shared<FunctionValue>();
    const Span span =
        function != nullptr ? tree(function->scope.module)[function->body].span : Span{};
    Value kept = call_value(keep, {value(domain("User"), UserVariable{true, -1})}, span);
    kept = coerce(kept, type(TypeKind::boolean), "`keep`", span);
    Kernel kernel{
        "keep", name, builder.finish(is_error(kept) ? builder.constant(true) : lift(kept)), {}};
    if (!kernel.function.columns.empty()) not_yet("keep by what the events hold", span);
    return kernel;
  });
}

int Elaborator::dataset_of(const Value& v, Span) {
  const auto* record = v.shared<RecordValue>();
  if (record == nullptr) return -1;
  if (auto at = dataset_by_record_.find(record); at != dataset_by_record_.end()) return at->second;
  const auto* source = field(*record, "source")->shared<RecordValue>();
  if (source == nullptr) return -1;
  const check::TypeNode& node = types()[v.type];
  Dataset dataset;
  dataset.name = record->name.empty() ? "dataset" : record->name;
  dataset.item =
      node.arguments.empty() ? types().record(program_.item_schema(), "Item") : node.arguments[0];
  dataset.record = std::get<std::shared_ptr<const RecordValue>>(v.data);
  if (!program_.is_item(dataset.item)) {
    report(Kind::wrong_type, record->span,
           "the rows of a dataset are items, `" + types().name(dataset.item) +
               "` does not extend `Item`");
    return -1;
  }
  Node load;
  load.name = dataset.name;
  load.kind = "load";
  load.location.span = source->span.file >= 0 ? source->span : record->span;
  const check::Schema& schema = program_.schema(record->schema);
  for (size_t i = 0; i < schema.fields.size(); ++i) {
    if (schema.fields[i].name == "source") load.location.span = record->fields[i].span;
  }
  load.args["source"] = load_source(*source, &load.location);
  load.args["split"] = to_json(*field(*record, "split"));
  const Value& ties = *field(*record, "ties");
  if (const auto* shuffle = ties.shared<RecordValue>()) {
    load.args["ties"] = {{"shuffle", to_json(*field(*shuffle, "seed"))}};
  } else {
    load.args["ties"] = to_json(ties);
  }
  load.args["columns"] = load_columns(dataset.item);
  const Value& keep = *field(*record, "keep");
  if (!keep.is_unknown()) {
    Kernel kernel = keep_kernel(dataset.name, keep);
    const row::Expr& result = kernel.function.exprs[static_cast<size_t>(kernel.function.result)];
    if (result.op != row::Op::const_bool || result.number == 0)
      load.kernels.push_back(std::move(kernel));  // all stay: no predicate
  }
  dataset.load = graph_.add(std::move(load));
  datasets_.push_back(std::move(dataset));
  return dataset_by_record_[record] = static_cast<int>(datasets_.size()) - 1;
}

Value Elaborator::item_rows(int dataset, Span) {
  const Dataset& d = datasets_[static_cast<size_t>(dataset)];
  Node node;
  node.name = d.name + "/items";
  node.kind = "rows";
  node.args = {{"op", "items"}};
  node.inputs = {d.load};
  return value(types().rows(d.item),
               RowsValue{RowShape::items, dataset, graph_.add(std::move(node)), ""});
}

Value Elaborator::part_rows(const PartValue& part, const std::string& op, int64_t min, int64_t max,
                            Span) {
  const Dataset& d = datasets_[static_cast<size_t>(part.dataset)];
  const bool windows = op == "windows";
  Node node;
  node.name = d.name + "/" + part.split + "/" + op;
  node.kind = "rows";
  node.args = {{"op", op}, {"max", max}, {"part", part.split}};
  if (windows) node.args["min"] = min;
  node.inputs = {d.load};
  Provenance from;
  from.splits = part.split == "train"   ? check::kTrain
                : part.split == "valid" ? check::kValid
                                        : check::kTest;
  const TypeId row = windows ? types().window(d.item) : types().list(types().event(d.item));
  return value(types().rows(row),
               RowsValue{windows ? RowShape::windows : RowShape::sequences, part.dataset,
                         graph_.add(std::move(node)), part.split},
               from);
}

Value Elaborator::part_method(const PartValue& part, const std::string& name, const Scope& scope,
                              const std::vector<ast::Argument>& arguments, Span span) {
  if (name == "where") {
    const MethodValue method{nullptr, name, span};
    return rows_method(method, *as_rows(value(domain("Part"), part), span), scope, arguments, span);
  }
  const bool windows = name == "windows";
  const std::vector<std::string> names =
      windows ? std::vector<std::string>{"min", "max"} : std::vector<std::string>{"max"};
  const auto given = member_arguments(name, scope, arguments, names, span);
  if (!given) return failed();
  int64_t numbers[2] = {1, kDefaultHistory};
  for (size_t i = 0; i < names.size(); ++i) {
    if (!(*given)[i]) continue;
    const Value v = coerce(*(*given)[i], type(TypeKind::integer), "`" + names[i] + "`", span);
    if (!constant(v, "`" + names[i] + "`", span)) return failed();
    if (v.is_unknown()) return unknown(types().rows(any()));
    const int64_t number = *v.as<int64_t>();
    if (number < 1) {
      report(Kind::condition_fails, span,
             "`" + names[i] + "` of `" + name + "` is " + std::to_string(number) +
                 ", at least 1 is required");
      return failed();
    }
    numbers[windows ? i : 1] = number;
  }
  if (!windows && part.split != "train") {
    report(Kind::trains_on_held_out_rows, span,
           "stretches are cut out of `train`, `" + part.split + "` holds one event per user");
    return failed();
  }
  return part_rows(part, name, numbers[0], numbers[1], span);
}

Value Elaborator::rows_method(const MethodValue& method, const RowsValue& rows, const Scope& scope,
                              const std::vector<ast::Argument>& arguments, Span span) {
  const auto given = member_arguments(method.name, scope, arguments, {"each"}, span);
  if (!given || !(*given)[0]) return failed();
  const Value condition = *(*given)[0];
  return filtered_rows(
      rows, [&](const Value& row) { return call_value(condition, {row}, span); }, span);
}

std::optional<RowsValue> Elaborator::as_rows(const Value& v, Span span) {
  if (const auto* rows = v.as<RowsValue>()) return *rows;
  if (const auto* part = v.as<PartValue>())
    return *part_rows(*part, "windows", 1, kDefaultHistory, span).as<RowsValue>();
  return std::nullopt;
}

// ---- codebooks ----------------------------------------------------------------------------------------------------------

std::string Elaborator::surface_pattern(const Value& surface, Span span) {
  RowBuilder builder(row::FunctionKind::text, "surface");
  return in_row(builder, [&]() -> std::string {
    builder.slot("code", {row::Kind::integer});
    const row::ExprId code = builder.add(row::Op::param, {row::Kind::integer}, {}, 0);
    const Value made = call_value(surface, {residual(type(TypeKind::integer), code, {})}, span);
    if (!made.is_residual()) {
      if (!is_error(made))
        report(Kind::condition_fails, span,
               "`surface` does not print its code, so all tokens would be the same");
      return {};
    }
    const row::Expr& text = builder.expr(made.as<Residual>()->expr);
    std::string pattern;
    int holes = 0;
    for (row::ExprId piece : text.args) {
      const row::Expr& part = builder.expr(piece);
      if (part.op == row::Op::const_text) pattern += part.text;
      if (part.op == row::Op::param) pattern += "{}", ++holes;
    }
    if (text.op != row::Op::concat || holes != 1) {
      report(Kind::condition_fails, span,
             "`surface` prints its code once between fixed texts: n => \"<|sid_${n}|>\"");
    }
    return pattern;
  });
}

json Elaborator::learn_args(const RecordValue& learn, Node* node) {
  const check::Schema& schema = program_.schema(learn.schema);
  json args = json::object();
  for (size_t i = 0; i < schema.fields.size(); ++i) {
    const Value& v = *learn.fields[i].value;
    const std::string& name = schema.fields[i].name;
    if (const auto* vectors = v.as<VectorsValue>()) {
      node->inputs.push_back(vectors->node);
    } else if (name == "path") {
      node->location = {
          Location::Kind::files, "", "", {{"index", to_json(v).get<std::string>()}}, "index", "",
          learn.fields[i].span};
    } else {
      args[name] = to_json(v);
    }
  }
  return args;
}

int Elaborator::codebook_of(const Value& v, Span) {
  const auto* record = v.shared<RecordValue>();
  if (record == nullptr) return -1;
  if (auto at = codebook_by_record_.find(record); at != codebook_by_record_.end())
    return at->second;
  const Value& of = *field(*record, "of");
  const auto* rows = of.as<RowsValue>();
  if (rows == nullptr || rows->shape != RowShape::items) {
    if (!of.is_unknown())
      report(Kind::wrong_type, record->span,
             "`of` names the items of a dataset, found a " + described(of.type))
          .help = "write `of = films.items`";
    return -1;
  }
  const auto* learn = field(*record, "learn")->shared<RecordValue>();
  if (learn == nullptr) return -1;
  const check::Schema& schema = program_.schema(record->schema);
  for (size_t i = 0; i < schema.fields.size(); ++i) {
    if (schema.fields[i].name == "text" && record->fields[i].written) {
      not_yet("text", record->fields[i].span);
      return -1;
    }
  }
  if (const json kind = to_json(*field(*learn, "kind")); kind == "rq_vae") {
    not_yet("rq_vae", record->span);
    return -1;
  }
  Node node;
  node.name = record->name.empty() ? "codebook" : record->name;
  node.kind = "codebook";
  node.inputs = {datasets_[static_cast<size_t>(rows->dataset)].load};
  node.args = {{"name", node.name},
               {"learn", learn_args(*learn, &node)},
               {"clashes", to_json(*field(*record, "clashes"))},
               {"open", to_json(*field(*record, "open"))},
               {"close", to_json(*field(*record, "close"))}};
  node.args["surface"] = surface_pattern(*field(*record, "surface"), record->span);
  if (node.args["learn"].value("kind", "") == "residual_k_means")
    node.args["learn"]["seed"] = settings_.package_seed;
  node.stream = stream(settings_.package_seed, node.name);
  CodebookInfo info{node.name, rows->dataset, -1,
                    std::get<std::shared_ptr<const RecordValue>>(v.data)};
  info.node = graph_.add(std::move(node));
  codebooks_.push_back(std::move(info));
  return codebook_by_record_[record] = static_cast<int>(codebooks_.size()) - 1;
}

}  // namespace rexp::elaborate
