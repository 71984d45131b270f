// What stands behind a dot.
#include <algorithm>

#include "compiler/eval/elaborator.h"

namespace rexp::elaborate {
using diagnostics::Kind;

namespace {

struct Member {
  const char* owner;
  const char* name;
  bool later;
};

constexpr Member kMembers[] = {
#define REXP_MEMBER(owner, name, doc) {#owner, #name, false},
#define REXP_MEMBER_LATER(owner, name, doc) {#owner, #name, true},
#include "compiler/eval/members.def"
};

const Member* find_member(const std::string& owner, const std::string& name) {
  for (const Member& member : kMembers) {
    if (owner == member.owner && name == member.name) return &member;
  }
  return nullptr;
}

std::vector<std::string> members_of(const std::string& owner) {
  std::vector<std::string> names;
  for (const Member& member : kMembers) {
    if (owner == member.owner) names.push_back(member.name);
  }
  return names;
}

}  // namespace

Value Elaborator::no_member(const std::string& type, const ast::Name& name,
                            const std::vector<std::string>& known) {
  auto& error =
      report(Kind::unknown_field, name.span,
             type + " has no `" + name.text + "`" + check::did_you_mean(name.text, known));
  if (diagnostics::nearest(name.text, known).empty() && !known.empty() && known.size() <= 12) {
    std::string all;
    for (const std::string& one : known) all += (all.empty() ? "" : ", ") + one;
    error.help = "it has: " + all;
  }
  return failed();
}

Value Elaborator::member(const Value& object, const ast::Name& name, Span span) {
  if (is_error(object)) return object;
  if (const auto* module = object.as<ModuleValue>()) {
    if (const auto symbol = program_.exported(module->module, name.text))
      return declaration(*symbol);
    return no_member("module `" + program_.module(module->module).name + "`", name,
                     program_.names(module->module));
  }
  if (const auto* site = object.as<SiteValue>()) return site_member(*site, name);
  if (const auto* map = object.shared<MapValue>()) {
    std::vector<std::string> known;
    for (const auto& [key, entry] : map->entries) {
      if (key == name.text) return entry;
      known.push_back(key);
    }
    return no_member("this", name, known);
  }
  if (const auto* wording = object.as<TemplateValue>()) {
    if (name.text == "variants") {
      std::vector<Value> all;
      for (const std::string& variant : variant_names(wording->symbol))
        all.push_back(value(object.type, TemplateValue{wording->symbol, variant}));
      return list(object.type, std::move(all));
    }
    if (has_variant(wording->symbol, name.text))
      return value(object.type, TemplateValue{wording->symbol, name.text});
    return no_member("template `" + program_.decl(wording->symbol).name.text + "`", name,
                     variant_names(wording->symbol));
  }
  if (const auto* row = object.as<RowVariable>()) return row_member(object, *row, name, span);
  if (const auto* user = object.as<UserVariable>()) return user_member(object, *user, name, span);
  if (const auto* record = object.shared<RecordValue>())
    return record_member(object, *record, name, span);
  if (object.shared<MixtureValue>() != nullptr) return mixture_member(object, name, span);
  const TypeKind kind = types().kind(object.type);
  if (kind == TypeKind::list) return list_member(object, name, span);
  if (kind == TypeKind::event || program_.is_item(object.type))
    return item_member(object, name, span);
  if (kind == TypeKind::text && name.text == "length") return length_of(object, span);
  if (object.is_unknown()) return unknown_member(object, name, span);
  std::string owner = types().name(object.type);
  if (object.as<PartValue>() != nullptr) owner = "Part";
  if (object.as<RowsValue>() != nullptr) owner = "Rows";
  const Member* found = find_member(owner, name.text);
  if (found == nullptr)
    return no_member("a `" + types().name(object.type) + "`", name, members_of(owner));
  if (found->later) return not_yet(name.text, name.span);
  MethodValue method{std::make_shared<const Value>(object), name.text, name.span};
  return value(any(), std::make_shared<const MethodValue>(std::move(method)), object.from);
}

Value Elaborator::site_member(const SiteValue& site, const ast::Name& name) {
  if (site.section.empty()) {
    if (name.text == "data" || name.text == "models") return value(any(), SiteValue{name.text});
    if (name.text == "judge" || name.text == "device")
      return not_yet("site." + name.text, name.span);
    return no_member("`site`", name, {"data", "models"});
  }
  const bool data = site.section == "data";
  const auto schema = program_.standard_schema(data ? "Catalogued" : "FolderModel");
  if (!schema) {
    report(Kind::unknown_name, name.span, "`site.models` needs `import std.models`");
    return failed();
  }
  const std::string entry = data ? "site.data." + name.text : name.text;
  RecordValue record;
  record.schema = *schema;
  record.span = name.span;
  record.fields.resize(program_.schema(*schema).fields.size());
  const std::string owner = "`site." + site.section + "." + name.text + "`";
  ast::Path path = {ast::Name{"name", name.span}};
  assign_field(
      *schema, record, Scope{}, path, 0,
      [&](TypeId, RecordField& target) {
        target.span = name.span;
        return text(entry);
      },
      owner);
  fill_defaults(*schema, record, owner, name.span);
  return record_value(std::make_shared<const RecordValue>(std::move(record)),
                      types().record(*schema, program_.schema(*schema).name));
}

Value Elaborator::unknown_member(const Value& object, const ast::Name& name, Span) {
  const check::TypeNode& node = types()[object.type];
  if (node.kind == TypeKind::any || node.kind == TypeKind::rows || node.kind == TypeKind::domain)
    return unknown(any(), object.from);
  if (node.kind == TypeKind::window) {
    const TypeId event = types().event(node.arguments[0]);
    if (name.text == "history") return unknown(types().list(event), object.from);
    if (name.text == "next") return unknown(event, object.from);
    return unknown(any(), object.from);
  }
  if (node.kind == TypeKind::record) {
    const check::Schema& schema = program_.schema(node.index);
    if (const check::Field* f = schema.find(name.text)) return unknown(f->type, object.from);
    if (schema.name == "Interactions" || schema.name == "Codebook" || schema.name == "Model")
      return unknown(any(), object.from);
    std::vector<std::string> known;
    for (const check::Field& f : schema.fields) known.push_back(f.name);
    return no_member("a `" + schema.name + "`", name, known);
  }
  return no_member("a `" + types().name(object.type) + "`", name, {});
}

std::optional<int> Elaborator::codebook_field(const std::string& name, int dataset) {
  if (!names_codebook(name)) return std::nullopt;
  if (dataset < 0) return -1;
  for (Symbol symbol : program_.blocks("codebook")) {
    if (program_.decl(symbol).name.text != name) continue;
    const Value v = declaration(symbol);
    if (v.shared<RecordValue>() == nullptr) continue;
    const int id = codebook_of(v, program_.decl(symbol).name.span);
    if (id >= 0 && codebooks_[static_cast<size_t>(id)].dataset == dataset) return id;
  }
  return std::nullopt;
}

bool Elaborator::names_codebook(const std::string& name) const {
  return codebook_names_.count(name) > 0;
}

Value Elaborator::item_member(const Value& object, const ast::Name& name, Span) {
  const bool event = types().kind(object.type) == TypeKind::event;
  const TypeId item = event ? types()[object.type].arguments[0] : object.type;
  const int32_t schema_id = types()[item].index;
  const check::Schema& schema = program_.schema(schema_id);
  const bool open =
      schema_id == program_.item_schema() && object.dataset < 0;  // a bare `Item` or `History`
  Provenance from = object.from;
  auto base = [&]() {  // the item's index
    const row::ExprId id = lift(object);
    return event ? row_->item_of(object.dataset, id) : id;
  };
  if (event && name.text == "at") {
    if (object.is_unknown()) return unknown(type(TypeKind::integer), from);
    return residual(
        type(TypeKind::integer),
        row_->column(object.dataset, "events", "at", {row::Kind::integer}, lift(object)), from);
  }
  if (event && name.text == "item") {
    return object.is_unknown() ? unknown(item, from) : residual(item, base(), from, object.dataset);
  }
  const check::Field* f = schema.find(name.text);
  if (f == nullptr && open) f = program_.any_item_field(name.text);
  if (f != nullptr) {
    from.label = std::max(from.label, f->label);
    const std::optional<row::Type> type = row_type(f->type);
    if (!type || object.is_unknown()) return unknown(f->type, from);
    return residual(f->type, row_->column(object.dataset, "items", f->name, *type, base()), from);
  }
  if (const std::optional<int> codebook = codebook_field(name.text, object.dataset)) {
    if (object.is_unknown()) return unknown(domain("Sid"), from);
    return residual(domain("Sid"), row_->sid(*codebook, base()), from);
  }
  for (Symbol symbol :
       program_.blocks("codebook")) {  // a codebook with an error has spoken already
    if (program_.decl(symbol).name.text != name.text) continue;
    const Value v = declaration(symbol);
    if (is_error(v) || codebook_of(v, name.span) < 0) return failed();
  }
  std::vector<std::string> known;
  for (const check::Field& field : schema.fields) known.push_back(field.name);
  for (const std::string& codebook : codebook_names_) known.push_back(codebook);
  return no_member("`" + schema.name + "`", name, known);
}

Value Elaborator::row_member(const Value& object, const RowVariable& row, const ast::Name& name,
                             Span) {
  const Member* found = find_member("Window", name.text);
  if (found == nullptr) return no_member("a row of windows", name, members_of("Window"));
  if (found->later) return not_yet(name.text, name.span);
  const TypeId event = types().event(types()[object.type].arguments[0]);
  Provenance from = object.from;
  if (name.text == "history") {
    from.label = Label::past;
    return residual(types().list(event),
                    row_->add(row::Op::range, {row::Kind::list, row::Kind::event}, {}, 1), from,
                    row.dataset);
  }
  if (name.text == "next") {
    from.label = Label::target;
    return residual(event, row_->add(row::Op::param, {row::Kind::event}, {}, 3), from, row.dataset);
  }
  return value(domain("User"), UserVariable{false, row.dataset}, from);
}

Value Elaborator::user_member(const Value& object, const UserVariable& user, const ast::Name& name,
                              Span) {
  const Member* found = find_member("User", name.text);
  if (found == nullptr) return no_member("a user", name, members_of("User"));
  if (found->later) return not_yet(name.text, name.span);
  Provenance from = object.from;
  from.label = user.slots ? Label::static_
                          : Label::future;  // `keep` looks at users before anything is predicted
  const TypeId item = user.dataset >= 0 ? datasets_[static_cast<size_t>(user.dataset)].item
                                        : types().record(program_.item_schema(), "Item");
  const TypeId type = types().list(types().event(item));
  if (!user.slots) return unknown(type, from);
  return residual(type, row_->add(row::Op::range, {row::Kind::list, row::Kind::event}, {}, 0), from,
                  user.dataset);
}

Value Elaborator::record_member(const Value& object, const RecordValue& record,
                                const ast::Name& name, Span span) {
  const check::Schema& schema = program_.schema(record.schema);
  const auto dataset = program_.standard_schema("Interactions"),
             codebook = program_.standard_schema("Codebook");
  if (dataset && program_.derives(record.schema, *dataset) &&
      find_member("Dataset", name.text) != nullptr) {
    const int id = dataset_of(object, span);
    return id < 0 ? failed() : dataset_member(object, id, name, span);
  }
  if (codebook && program_.derives(record.schema, *codebook) &&
      find_member("Codebook", name.text) != nullptr) {
    const int id = codebook_of(object, span);
    return id < 0 ? failed() : codebook_member(object, id, name, span);
  }
  if (const Value* found = field(record, name.text)) return *found;
  std::vector<std::string> known;
  for (const check::Field& f : schema.fields) known.push_back(f.name);
  if (dataset && program_.derives(record.schema, *dataset)) known = members_of("Dataset");
  if (codebook && program_.derives(record.schema, *codebook)) known = members_of("Codebook");
  const std::string owner =
      record.name.empty() ? "a `" + schema.name + "`" : "`" + record.name + "`";
  return no_member(owner, name, known);
}

Value Elaborator::dataset_member(const Value&, int dataset, const ast::Name& name, Span span) {
  if (name.text == "users") return not_yet("users", name.span);
  if (name.text == "items") return item_rows(dataset, span);
  Provenance from;
  from.splits = name.text == "train"   ? check::kTrain
                : name.text == "valid" ? check::kValid
                                       : check::kTest;
  return value(domain("Part"), PartValue{dataset, name.text}, from);
}

Value Elaborator::codebook_member(const Value&, int codebook, const ast::Name& name, Span) {
  if (name.text == "tokens") return value(domain("Vocabulary"), VocabularyValue{codebook});
  return value(domain("Trie"), TrieValue{codebook});
}

Value Elaborator::mixture_member(const Value& object, const ast::Name& name, Span) {
  if (name.text == "share") {
    MethodValue method{std::make_shared<const Value>(object), name.text, name.span};
    return value(any(), std::make_shared<const MethodValue>(std::move(method)));
  }
  const Member* found = find_member("Mixture", name.text);
  if (found != nullptr) return not_yet(name.text, name.span);
  return no_member("a mixture", name, members_of("Mixture"));
}

}  // namespace rexp::elaborate
