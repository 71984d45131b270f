#include "compiler/check/types.h"

#include <algorithm>

namespace rexp::check {
namespace {

struct ScalarName {
  TypeKind kind;
  const char* name;
  const char* unit;  // "a number of epochs"
  const char* example;
};

constexpr ScalarName kScalars[] = {
    {TypeKind::error, "an error", "", ""},
    {TypeKind::hole, "Any", "", ""},
    {TypeKind::none, "none", "", ""},
    {TypeKind::boolean, "Bool", "", ""},
    {TypeKind::integer, "Int", "a plain number", "3"},
    {TypeKind::real, "Float", "a plain number", "0.5"},
    {TypeKind::text, "Text", "", ""},
    {TypeKind::ratio, "Ratio", "a ratio", "3%"},
    {TypeKind::copies, "Copies", "a number of copies", "3x"},
    {TypeKind::epochs, "Epochs", "a number of epochs", "3 epochs"},
    {TypeKind::steps, "Steps", "a number of steps", "500 steps"},
    {TypeKind::tokens, "Tokens", "a number of tokens", "2k tokens"},
    {TypeKind::row_count, "RowCount", "a number of rows", "256 rows"},
    {TypeKind::seeds, "Seeds", "a number of seeds", "3 seeds"},
    {TypeKind::duration, "Duration", "a duration", "30 min"},
    {TypeKind::size, "Size", "a size in bytes", "80 GiB"},
    {TypeKind::seed, "Seed", "a seed", "7"},
    {TypeKind::map, "Map", "", ""},
};

}  // namespace

TypeTable::TypeTable() {
  for (const ScalarName& scalar : kScalars) {
    const TypeId id = make({scalar.kind, {}, -1, scalar.name});
    if (scalar.kind != TypeKind::error && scalar.kind != TypeKind::none)
      built_in_[scalar.name] = id;
  }
}

TypeId TypeTable::make(TypeNode node) {
  std::string key = std::to_string(static_cast<int>(node.kind)) + ":" + std::to_string(node.index) +
                    ":" + node.name;
  for (TypeId argument : node.arguments) key += "," + std::to_string(argument.index);
  auto [at, fresh] = interned_.try_emplace(key, TypeId{static_cast<int32_t>(nodes_.size())});
  if (fresh) nodes_.push_back(std::move(node));
  return at->second;
}

TypeId TypeTable::either(const std::vector<TypeId>& alternatives) {
  std::vector<TypeId> flat;
  auto add = [&](TypeId id) {
    if (std::find(flat.begin(), flat.end(), id) == flat.end()) flat.push_back(id);
  };
  for (TypeId id : alternatives) {
    if (kind(id) == TypeKind::hole || kind(id) == TypeKind::error) return id;
    if (kind(id) == TypeKind::union_) {
      for (TypeId inner : (*this)[id].arguments) add(inner);
    } else {
      add(id);
    }
  }
  if (flat.empty()) return scalar(TypeKind::hole);
  if (flat.size() == 1) return flat[0];
  return make({TypeKind::union_, flat});
}

std::vector<TypeId> TypeTable::alternatives(TypeId id) const {
  return kind(id) == TypeKind::union_ ? (*this)[id].arguments : std::vector<TypeId>{id};
}

bool TypeTable::optional(TypeId id) const {
  const std::vector<TypeId> parts = alternatives(id);
  return parts.size() > 1 && std::any_of(parts.begin(), parts.end(),
                                         [&](TypeId part) { return kind(part) == TypeKind::none; });
}

TypeId TypeTable::without_none(TypeId id) {
  if (!optional(id)) return id;
  std::vector<TypeId> parts = alternatives(id);
  std::erase_if(parts, [&](TypeId part) { return kind(part) == TypeKind::none; });
  return either(parts);
}

bool TypeTable::contains(TypeId id, TypeKind wanted) const {
  if (kind(id) == wanted) return true;
  const std::vector<TypeId>& parts = (*this)[id].arguments;
  return std::any_of(parts.begin(), parts.end(),
                     [&](TypeId part) { return contains(part, wanted); });
}

std::string TypeTable::name(TypeId id) const {
  const TypeNode& node = (*this)[id];
  auto joined = [&](size_t begin, size_t end, const char* separator) {
    std::string text;
    for (size_t i = begin; i < end; ++i)
      text += (i > begin ? separator : "") + name(node.arguments[i]);
    return text;
  };
  const size_t size = node.arguments.size();
  switch (node.kind) {
    case TypeKind::list: {
      const TypeNode& element = (*this)[node.arguments[0]];
      if (element.kind == TypeKind::record && element.index == event_schema)
        return "History<" + name(element.arguments[0]) + ">";
      return "[" + name(node.arguments[0]) + "]";
    }
    case TypeKind::range: return name(node.arguments[0]) + " .. " + name(node.arguments[0]);
    case TypeKind::record:
      return node.name + (size == 0 ? "" : "<" + name(node.arguments[0]) + ">");
    case TypeKind::union_:
      if (size == 2 && kind(node.arguments[1]) == TypeKind::none)
        return name(node.arguments[0]) + "?";
      if (kind(node.arguments[size - 1]) == TypeKind::none)
        return "(" + joined(0, size - 1, " | ") + ")?";
      return joined(0, size, " | ");
    case TypeKind::function:
      return "fn(" + joined(0, size - 1, ", ") + ") -> " + name(node.arguments[size - 1]);
    case TypeKind::fields: return "{ " + node.name + " }";
    case TypeKind::labelled: return name(node.arguments[0]);
    default: return node.name;
  }
}

TypeId TypeTable::built_in(const std::string& name) const {
  auto at = built_in_.find(name);
  return at == built_in_.end() ? TypeId{} : at->second;
}

std::vector<std::string> TypeTable::built_in_names() const {
  std::vector<std::string> names;
  for (const auto& [name, id] : built_in_) names.push_back(name);
  return names;
}

std::string describe_unit(TypeKind kind) {
  for (const ScalarName& scalar : kScalars) {
    if (scalar.kind == kind) return scalar.unit;
  }
  return {};
}

std::string unit_example(TypeKind kind) {
  for (const ScalarName& scalar : kScalars) {
    if (scalar.kind == kind) return scalar.example;
  }
  return {};
}

std::string with_article(const std::string& word) {
  const bool vowel = !word.empty() && std::string("AEIOaeio").find(word[0]) != std::string::npos;
  return (vowel ? "an `" : "a `") + word + "`";
}

bool is_amount(TypeKind kind) { return !describe_unit(kind).empty(); }

bool is_plain_number(TypeKind kind) {
  return kind == TypeKind::integer || kind == TypeKind::real || kind == TypeKind::ratio ||
         kind == TypeKind::seed;
}

}  // namespace rexp::check
