#include "compiler/plan/key.h"

#include "compiler/contracts/components.h"
#include "runtime/base/assert.h"
#include "runtime/store/digest.h"

namespace rexp::plan {

namespace {

int64_t version_of(const std::string& kind) {
#define REXP_NODE(name, version) \
  if (kind == #name) return version;
#include "runtime/abi/nodes.def"
#undef REXP_NODE
  REXP_ASSERT(false, "a plan node has a kind that nodes.def does not list");
  return 0;
}

/// Versions of the components that the arguments name, in the order in which they stand there.
void add_versions(const nlohmann::json& args, store::Digester* digest) {
  if (args.is_object()) {
    const auto is = args.find("is");
    if (is != args.end() && is->is_string())
      digest->add_int(contracts::component_version(is->get<std::string>()));
  }
  if (!args.is_structured()) return;
  for (const nlohmann::json& part : args) add_versions(part, digest);
}

}  // namespace

std::string content_key(const std::string& kind, const nlohmann::json& args,
                        const std::vector<Kernel>& kernels, uint64_t stream,
                        const std::vector<std::string>& input_keys) {
  store::Digester digest;
  digest.add_text(kind);
  digest.add_int(version_of(kind));
  digest.add_text(args.dump());
  add_versions(args, &digest);
  digest.add_int(static_cast<int64_t>(kernels.size()));
  for (const Kernel& kernel : kernels) {
    digest.add_text(kernel.role);
    digest.add_text(kernel.role == "mixture" ? kernel.mixture.dump()
                                             : row::canonical(kernel.function));
  }
  for (const std::string& key : input_keys) digest.add_text(key);
  digest.add_int(static_cast<int64_t>(stream));
  return digest.hex();
}

}  // namespace rexp::plan
