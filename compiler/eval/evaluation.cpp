// Protocols, decoders, baselines and `evaluate`.
#include <algorithm>

#include "compiler/eval/elaborator.h"
#include "compiler/eval/json_args.h"

namespace rexp::elaborate {
using diagnostics::Kind;
using nlohmann::json;

namespace {

std::string last_part(const std::string& name) { return name.substr(name.rfind('/') + 1); }

}  // namespace

json Elaborator::decode_args(const RecordValue& decode, std::set<int>* codebooks) {
  const std::string& schema = program_.schema(decode.schema).name;
  json args = {{"kind", schema == "Beam" ? "beam" : "greedy"},
               {"within", nullptr},
               {"score", to_json(*field(decode, "score"))}};
  if (const Value* beams = field(decode, "beams")) args["beams"] = to_json(*beams);
  if (const auto* trie = field(decode, "within")->as<TrieValue>()) {
    args["within"] = "legal";
    codebooks->insert(trie->codebook);
  }
  return args;
}

/// The example that `ask` makes of one row: a function of the row is called, a template's parameters are filled by what they
/// are – a past history, a target item.
std::optional<Value> Elaborator::ask_row(const Value& ask, const RowsValue& rows, Span span) {
  const Value row = row_variable(rows.shape, rows.dataset, rows.split);
  const auto* wording = ask.as<TemplateValue>();
  if (wording == nullptr) {
    const Value made = call_value(ask, {row}, span);
    return is_error(made) ? std::nullopt : std::optional(made);
  }
  const auto& declared = std::get<ast::TemplateDecl>(program_.decl(wording->symbol).node);
  std::vector<Value> arguments;
  for (const ast::Parameter& p : declared.parameters) {
    const TypeId wanted = program_.resolve(wording->symbol.module, p.type);
    const Label label = program_.label(wording->symbol.module, p.type);
    const bool list = types().kind(wanted) == TypeKind::list;
    const char* source = label == Label::past && list      ? "history"
                         : label == Label::target && !list ? "next"
                                                           : nullptr;
    Value v;
    if (source != nullptr && rows.shape == RowShape::windows)
      v = member(row, ast::Name{source, span}, span);
    if (source == nullptr || is_error(v) || !program_.assignable(v.type, wanted)) {
      auto& error = report(Kind::wrong_arguments, span,
                           "`ask` cannot fill parameter `" + p.name.text + "` of template `" +
                               program_.decl(wording->symbol).name.text + "` from a row");
      error.help = "write how: `ask = w => " + program_.decl(wording->symbol).name.text + "(…)`";
      return std::nullopt;
    }
    arguments.push_back(std::move(v));
  }
  const Value made = run_template(*wording, std::move(arguments), span);
  return is_error(made) ? std::nullopt : std::optional(made);
}

std::optional<Kernel> Elaborator::prompt_kernel(const RecordValue& protocol, const Value& ask,
                                                const RowsValue& rows) {
  Span span = protocol.span;
  const check::Schema& schema = program_.schema(protocol.schema);
  for (size_t i = 0; i < schema.fields.size(); ++i) {
    if (schema.fields[i].name == "ask" && protocol.fields[i].span.file >= 0)
      span = protocol.fields[i].span;
  }
  RowBuilder builder(row::FunctionKind::renderer, protocol.name);
  return in_row(builder, [&]() -> std::optional<Kernel> {
    add_slots(rows.shape);
    const std::optional<Value> made = ask_row(ask, rows, span);
    if (!made) return std::nullopt;
    const auto* example = made->shared<ExampleValue>();
    if (example == nullptr) {
      report(Kind::wrong_type, span,
             "`ask` makes an example of a row, found a " + described(made->type));
      return std::nullopt;
    }
    const ast::Decl& wording = program_.decl(example->template_symbol);
    if (!example->answers) {
      auto& error = report(Kind::no_answer_to_decode, span,
                           "template `" + wording.name.text + "` has no answer to decode");
      error.secondary.push_back(
          {wording.name.span,
           "its last turn does not print the target's semantic id as `assistant`"});
      error.help = "end the template with a turn such as `assistant \"${next.sid}\"`";
      return std::nullopt;
    }
    Kernel kernel{"prompt", wording.name.text, builder.finish(example->body), {}};
    kernel.function.name = wording.name.text;
    return kernel;
  });
}

Value Elaborator::evaluate_system(const Value& system, const Value& protocol_value, Span span) {
  const TypeId scores = domain("Scores");
  const auto* protocol = protocol_value.shared<RecordValue>();
  if (system.is_unknown() || protocol == nullptr) return unknown(scores);
  std::optional<RowsValue> rows = as_rows(*field(*protocol, "rows"), span);
  const auto* decoder = field(*protocol, "decode")->shared<RecordValue>();
  if (!rows || decoder == nullptr || field(*protocol, "ask")->is_unknown()) return unknown(scores);
  if (rows->shape != RowShape::windows) {
    report(Kind::wrong_type, protocol->span,
           "protocol `" + protocol->name + "` needs rows with a next event")
        .help = "write `rows = films.test`";
    return failed();
  }
  std::optional<ModelValue> model;
  const auto* baseline = system.as<SystemValue>();
  if (baseline == nullptr) {
    model = model_of(system, span);
    if (!model) return failed();
  }
  const std::optional<Kernel> prompt = prompt_kernel(*protocol, *field(*protocol, "ask"), *rows);
  if (!prompt) return failed();
  std::set<int> books;
  const json decode = decode_args(*decoder, &books);
  books.insert(prompt->function.codebooks.begin(), prompt->function.codebooks.end());
  const json metrics = to_json(*field(*protocol, "metrics"));
  const std::string name = protocol->name.empty() ? "protocol" : protocol->name;
  Node node;
  node.kind = "evaluate";
  node.args = {
      {"protocol", name},
      {"split", rows->split},
      {"seen", to_json(*field(*protocol, "seen"))},
      {"metrics", metrics},
      {"bootstrap", {{"resamples", to_json(*field(*protocol, "resamples"))}, {"seed", seed_}}}};
  if (model) {
    for (int codebook : books) {
      if (model->from_folder || std::find(model->codebooks.begin(), model->codebooks.end(),
                                          codebook) != model->codebooks.end())
        continue;
      const std::string& book = codebooks_[static_cast<size_t>(codebook)].name;
      auto& error = report(Kind::model_lacks_tokens, span,
                           "protocol `" + name + "` decodes semantic ids of `" + book +
                               "`, whose tokens the model does not have");
      error.help = "train it with a stage that says `adds = " + book + ".tokens`";
      return failed();
    }
    node.args["decode"] = decode;
    node.inputs = {model->node};
    node.kernels = {*prompt};
  } else {
    node.inputs = {baseline->node};
    const bool prefix = std::any_of(metrics.begin(), metrics.end(), [](const json& m) {
      return m.get<std::string>().rfind("prefix", 0) == 0;
    });
    if (!prefix) books.clear();
  }
  node.args["system"] = model ? model->name : baseline->name;
  node.name = node_name(name + "/" + last_part(node.args["system"].get<std::string>()));
  node.inputs.push_back(datasets_[static_cast<size_t>(rows->dataset)].load);
  node.inputs.push_back(rows->node);
  for (int codebook : books) node.inputs.push_back(codebooks_[static_cast<size_t>(codebook)].node);
  return value(scores, ScoresValue{graph_.add(std::move(node))});
}

Value Elaborator::baseline(const std::string& kind, const Value& part, json args, Span span) {
  const auto schema = program_.standard_schema("Recommender");
  const TypeId type = types().record(*schema, "Recommender");
  const auto* split = part.as<PartValue>();
  if (split == nullptr) return unknown(type);
  if (split->split != "train") {
    report(Kind::trains_on_held_out_rows, span,
           "baseline `" + kind + "` would learn from " + split->split + " rows")
        .help = "pass the `train` part of the dataset";
    return failed();
  }
  Node node;
  node.name = datasets_[static_cast<size_t>(split->dataset)].name + "/" + kind;
  node.kind = "baseline";
  node.args = std::move(args);
  node.args["kind"] = kind;
  node.inputs = {datasets_[static_cast<size_t>(split->dataset)].load};
  return value(type, SystemValue{graph_.add(std::move(node)), kind});
}

}  // namespace rexp::elaborate
