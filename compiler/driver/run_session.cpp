#include "compiler/driver/run_session.h"

#include <cstdio>

#include "compiler/driver/output.h"

namespace rexp::driver {

namespace {

int32_t status_of(const std::string& kind) {
  return kind == "internal" ? REXP_INTERNAL : kind == "interrupted" ? REXP_INTERRUPTED : REXP_USER;
}

}  // namespace

RunSession::~RunSession() {
  if (run_ != nullptr) library_->close_run(run_);
}

int RunSession::open() {
  if (run_ != nullptr) return kOk;
  auto library = RuntimeLibrary::open();
  if (!library) return report(library.error(), json_);
  library_ = std::move(*library);
  if (!alone()) options_["together"] = true;
  if (!leads()) options_["progress"] = "none";
  run_ = library_->open_run(options_);
  const auto error = library_->error(run_);
  return error.is_null() ? kOk : failed(status_of(error.value("kind", "internal")));
}

std::optional<int> RunSession::told_elsewhere(int32_t status) {
  if (run_ == nullptr) return std::nullopt;
  const int32_t told = library_->told_elsewhere(run_, status);
  if (told == REXP_OK) return std::nullopt;
  return told == REXP_INTERNAL ? kInternalFault : kUserError;
}

int RunSession::failed(const Error& error) {
  if (const auto code =
          told_elsewhere(error.kind == ErrorKind::internal ? REXP_INTERNAL : REXP_USER))
    return *code;
  return report(error, json_, launch_.rank);
}

int RunSession::failed(diagnostics::Sink& sink, const source::SourceMap& sources) {
  if (const auto code = told_elsewhere(REXP_USER)) return *code;
  if (!leads() && !json_) std::fprintf(stderr, "process %d:\n", launch_.rank);
  return report(sink, sources, json_);
}

int RunSession::failed(int32_t status) {
  if (const auto code = told_elsewhere(status)) return *code;
  return report_runtime(library_->error(run_), json_, launch_.rank);
}

}  // namespace rexp::driver
