#include "routing/policy.hpp"

namespace smg::routing {

std::size_t passthrough(const PolicyInput&, PolicyState&) { return 0; }

}  // namespace smg::routing
