// Base models: a record that describes one becomes a `model` node when it is first used.
#include "compiler/eval/elaborator.h"
#include "compiler/eval/json_args.h"
#include "runtime/base/random.h"

namespace rexp::elaborate {
using diagnostics::Kind;
using nlohmann::json;

Value Elaborator::model_value(ModelValue model) {
  const auto schema = program_.standard_schema("Model");
  const TypeId type = schema ? types().record(*schema, "Model") : any();
  return value(type, std::make_shared<const ModelValue>(std::move(model)));
}

namespace {

/// Fields of `RandomModel` and the names Hugging Face gives them.
constexpr std::pair<const char*, const char*> kConfig[] = {
    {"hidden", "hidden_size"},
    {"layers", "num_hidden_layers"},
    {"heads", "num_attention_heads"},
    {"kv_heads", "num_key_value_heads"},
    {"head_dim", "head_dim"},
    {"ffn", "intermediate_size"},
    {"context", "max_position_embeddings"},
    {"rope_theta", "rope_theta"},
    {"norm_eps", "rms_norm_eps"},
    {"tied", "tie_word_embeddings"},
};

}  // namespace

std::optional<ModelValue> Elaborator::model_of(const Value& v, Span span) {
  if (const auto* model = v.shared<ModelValue>()) return *model;
  const auto* record = v.shared<RecordValue>();
  const auto model_schema = program_.standard_schema("Model");
  if (record == nullptr || !model_schema || !program_.derives(record->schema, *model_schema)) {
    if (!is_error(v) && !v.is_unknown())
      report(Kind::wrong_type, span, "a model is required here, found a " + described(v.type));
    return std::nullopt;
  }
  const std::string& schema = program_.schema(record->schema).name;
  Node node;
  node.kind = "model";
  node.args["chat"] = {{"format", to_json(*field(*record, "chat"))}, {"think", "none"}};
  if (const Value& think = *field(*record, "think"); think.as<EnumValue>() != nullptr)
    node.args["chat"]["think"] = to_json(think);
  if (schema == "RandomModel") {
    const std::string architecture = to_json(*field(*record, "architecture")).get<std::string>();
    json config = {{"model_type", architecture}};
    for (const auto& [ours, theirs] : kConfig) config[theirs] = to_json(*field(*record, ours));
    node.name = node_name("base");
    node.args["kind"] = "random";
    node.args["architecture"] = architecture;
    node.args["config"] = config;
    node.args["tokenizer"] = to_json(*field(*record, "tokenizer"));
    node.args["vocabulary"] = to_json(*field(*record, "vocabulary"));
    node.args["seed"] = seed_;
    node.stream = stream(seed_, "base model");
    node.location = {Location::Kind::random_model,
                     node.args["tokenizer"].get<std::string>(),
                     "",
                     {},
                     "",
                     "",
                     span};
  } else if (schema == "FolderModel") {
    node.name = node_name("base");
    node.args["kind"] = "folder";
    const json path = to_json(*field(*record, "path")), name = to_json(*field(*record, "name"));
    node.location = {path.is_string() ? Location::Kind::model_folder : Location::Kind::model_name,
                     name.is_string() ? name.get<std::string>() : "",
                     path.is_string() ? path.get<std::string>() : "",
                     {},
                     "",
                     "",
                     span};
  } else {
    report(Kind::wrong_type, span, "a `" + schema + "` is no model that could be loaded");
    return std::nullopt;
  }
  const NodeId id = graph_.add(std::move(node));
  return ModelValue{id, {}, record->name.empty() ? "base" : record->name, schema == "FolderModel"};
}

}  // namespace rexp::elaborate
