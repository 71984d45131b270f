// Equal calls are not evaluated twice. Without this, functions that call each other twice take time exponential in their number.

#include "compiler/eval/constructs.h"

namespace rexp::eval {

namespace {

constexpr size_t kMaxRemembered = 100'000;

}  // namespace

std::optional<std::string> call_key(Evaluator& e, const Closure& function,
                                    const std::vector<Given>& arguments) {
  if (!function.symbol.valid()) return std::nullopt;
  std::string key =
      std::to_string(function.symbol.module) + ":" + std::to_string(function.symbol.decl.index);
  for (const Given& argument : arguments) key += "|" + print(e, argument.value, true);
  return key;
}

const Value* remembered(Evaluator& e, const Scope& scope, const std::string& key) {
  const auto& calls = scope.row == nullptr ? e.calls : e.row_calls[scope.row];
  const auto at = calls.find(key);
  return at == calls.end() ? nullptr : &at->second;
}

void remember(Evaluator& e, const Scope& scope, const std::string& key, const Value& value) {
  if (value.shared<Example>() != nullptr) return;  // statements stand in one place only
  auto& calls = scope.row == nullptr ? e.calls : e.row_calls[scope.row];
  if (calls.size() < kMaxRemembered) calls.emplace(key, value);
}

}  // namespace rexp::eval
