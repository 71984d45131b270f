#include "compiler/contracts/look.h"

#include "runtime/base/assert.h"

namespace rexp::contracts {

TypeId type_of(const Value& value) {
  if (const auto* record = value.shared<Record>()) return record->type;
  if (const auto* made = value.shared<Made>()) return made->type;
  return {};
}

bool is(Program& program, const Value& value, Known which) {
  return program.is(type_of(value), which);
}

bool is(const Evaluator& e, const Made& made, Intrinsic which) {
  return e.intrinsics.of(made.operation) == which;
}

bool is_stage(Evaluator& e, const Made& made) { return is_made_of(e.program, made, Known::Stage); }

// ---- records --------------------------------------------------------------------------------------------------------------

namespace {

const eval::RecordField* find(Program& program, const Record& record, const std::string& name) {
  const check::Schema& schema = program.schema(program.types[record.type].index);
  for (size_t i = 0; i < schema.fields.size() && i < record.fields.size(); ++i) {
    if (schema.fields[i].name == name) return &record.fields[i];
  }
  return nullptr;
}

}  // namespace

const Value* find_field(Program& program, const Record& record, const std::string& name) {
  const eval::RecordField* found = find(program, record, name);
  return found == nullptr ? nullptr : found->value.get();
}

const Value& field(Program& program, const Record& record, const std::string& name) {
  const Value* found = find_field(program, record, name);
  REXP_ASSERT(found != nullptr, ("the library's schema has no field " + name).c_str());
  return *found;
}

const Record& record_field(Program& program, const Record& record, const std::string& name) {
  const auto* inner = field(program, record, name).shared<Record>();
  REXP_ASSERT(inner != nullptr, ("the field " + name + " is no record").c_str());
  return *inner;
}

bool written(Program& program, const Record& record, const std::string& name) {
  const eval::RecordField* found = find(program, record, name);
  return found != nullptr && found->written;
}

Span field_span(Program& program, const Record& record, const std::string& name) {
  const eval::RecordField* found = find(program, record, name);
  if (found != nullptr && found->written && found->span().file >= 0) return found->span();
  return name_span(program, record);
}

Span written_at(Program& program, const Record& record, const std::string& field, Span fallback) {
  const check::Schema& schema = program.schema(program.types[record.type].index);
  for (size_t i = 0; i < schema.fields.size(); ++i) {
    if (schema.fields[i].name != field) continue;
    const std::vector<eval::Origin>& origins = record.fields[i].origins;
    for (auto at = origins.rbegin(); at != origins.rend(); ++at) {
      if (of_user(program, at->span)) return at->span;
    }
  }
  return of_user(program, record.span) ? record.span : fallback;
}

Span name_span(Program& program, const Record& record) {
  return record.symbol.valid() ? program.decl(record.symbol).name.span : record.span;
}

std::string called(const std::string& what, const Record& record) {
  return record.name.empty() ? "a " + what : what + " `" + record.name + "`";
}

void point_at(const Program& program, diagnostics::Diagnostic& error, Span span, std::string text) {
  if (check::of_user(program, span)) error.secondary.push_back({span, std::move(text)});
}

// ---- operations -----------------------------------------------------------------------------------------------------------

const Value* find_argument(const Made& made, const std::string& name) {
  for (const auto& [parameter, value] : made.arguments) {
    if (parameter == name) return &value;
  }
  return nullptr;
}

const Value& argument(const Made& made, const std::string& name) {
  const Value* found = find_argument(made, name);
  REXP_ASSERT(found != nullptr, ("an operation lacks its argument " + name).c_str());
  return *found;
}

const Value& receiver(const Made& made) {
  REXP_ASSERT(!made.arguments.empty(), "a member was made without its receiver");
  return made.arguments[0].second;
}

bool has_receiver(const Program& program, const Made& made) {
  const auto* external = std::get_if<ast::ExternDecl>(&program.decl(made.operation).node);
  return external != nullptr && external->receiver.has_value();
}

const std::string& name_of(const Program& program, const Made& made) {
  return program.decl(made.operation).name.text;
}

double number_in(const Value& value) {
  const auto number = eval::number_of(value);
  REXP_ASSERT(number.has_value(), "a number is required here");
  return *number;
}

std::string choice_in(const Program& program, const Value& value) {
  const auto* chosen = value.as<eval::EnumValue>();
  if (chosen == nullptr) return "none";
  return program.enumeration(chosen->enumeration).values[static_cast<size_t>(chosen->index)];
}

const Record& stage_of(const Made& applied) {
  const auto* stage = argument(applied, "stage").shared<Record>();
  REXP_ASSERT(stage != nullptr, "a stage is a record");
  return *stage;
}

Chain chain_of(Evaluator& e, const Value& model) {
  Chain chain{&model, {}};
  for (;;) {
    const auto* made = chain.base->shared<Made>();
    if (made == nullptr || !is_stage(e, *made)) break;
    chain.stages.insert(chain.stages.begin(), made);
    chain.base = &argument(*made, "model");
  }
  return chain;
}

Splits splits_of(const Evaluator& e, const Value& value) {
  Splits splits;
  Walk walk([&](const Value& inner) {
    const auto* made = inner.shared<Made>();
    if (made == nullptr) return;
    splits.train |= is(e, *made, Intrinsic::dataset_train);
    splits.valid |= is(e, *made, Intrinsic::dataset_valid);
    splits.test |= is(e, *made, Intrinsic::dataset_test);
  });
  walk(value);
  return splits;
}

std::string words_of(const Splits& splits) {
  std::vector<std::string> words;
  if (splits.train || !splits.held_out()) words.emplace_back("train");
  if (splits.valid) words.emplace_back("valid");
  if (splits.test) words.emplace_back("test");
  std::string out = words[0];
  for (size_t i = 1; i < words.size(); ++i)
    out += (i + 1 == words.size() ? " and " : ", ") + words[i];
  return out;
}

// ---- walking --------------------------------------------------------------------------------------------------------------

namespace {

template <class T>
const void* address(const Value& value) {
  return value.shared<T>();
}

const void* shared_address(const Value& value) {
  for (const void* at :
       {address<eval::List>(value), address<eval::Range>(value), address<eval::Fields>(value),
        address<Record>(value), address<eval::Partial>(value), address<Made>(value),
        address<eval::Task>(value), address<eval::Mixture>(value)}) {
    if (at != nullptr) return at;
  }
  return nullptr;
}

}  // namespace

void Walk::operator()(const Value& value) {
  const void* at = shared_address(value);
  if (at != nullptr && !seen_.insert(at).second) return;
  parts_of(value);
  visit_(value);
}

void Walk::parts_of(const Value& value) {
  if (const auto* list = value.shared<eval::List>()) {
    for (const Value& element : list->elements) (*this)(element);
  } else if (const auto* range = value.shared<eval::Range>()) {
    for (const Value& end : range->ends) (*this)(end);
  } else if (const auto* fields = value.shared<eval::Fields>()) {
    for (const auto& [name, entry] : fields->entries) (*this)(entry);
  } else if (const auto* record = value.shared<Record>()) {
    for (const eval::RecordField& field : record->fields) {
      if (field.value) (*this)(*field.value);
    }
  } else if (const auto* partial = value.shared<eval::Partial>()) {
    for (const Value& argument : partial->arguments) (*this)(argument);
  } else if (const auto* made = value.shared<Made>()) {
    for (const auto& [name, argument] : made->arguments) (*this)(argument);
  } else if (const auto* task = value.shared<eval::Task>()) {
    for (const eval::TaskPart& part : task->parts) (*this)(Value{part.rows});
  } else if (const auto* mixture = value.shared<eval::Mixture>()) {
    for (const eval::MixtureEntry& entry : mixture->entries) (*this)(Value{entry.task});
  }
}

}  // namespace rexp::contracts
