#include "runtime/store/sealed.h"

#include "runtime/base/json.h"

#include "runtime/base/assert.h"
#include "runtime/store/digest.h"

namespace rexp::store {

namespace {

constexpr char kSeal[] = "seal";

std::string printed(const nlohmann::json& object) {
  return object.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string seal(const nlohmann::json& object) {
  // as it will be read: what is no valid UTF-8 is replaced by printing
  auto read = parse_own_json(printed(object));
  REXP_ASSERT(read.ok(), "what was printed is JSON");
  nlohmann::json sealed = std::move(*read);
  sealed[kSeal] = digest(printed(sealed));
  return printed(sealed);
}

Result<nlohmann::json> unseal(const std::string& text) {
  auto parsed = parse_json(text, "");
  if (!parsed) return user_error("it is not JSON");
  if (!parsed->is_object() || !parsed->contains(kSeal)) return user_error("it has no checksum");
  nlohmann::json object = std::move(*parsed);
  object.erase(kSeal);
  if (seal(object) != text) return user_error("its checksum does not match its fields");
  return object;
}

}  // namespace rexp::store
