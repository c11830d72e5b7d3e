#pragma once
/// Which paths exist, and who answers them.
#include "admin/control_plane.hpp"
#include "app/scrape.hpp"
#include "gateway/gateway.hpp"
#include "server/endpoint_table.hpp"

namespace smg::app {

/// The paths of OpenAI, Anthropic and Gemini clients, also without their version segment and with it doubled, as SDKs' base URLs differ.
void add_data_plane(server::EndpointTable& table, gateway::Gateway& gateway);
/// `/workers`, and `/metrics` under the same rules.
void add_control_plane(server::EndpointTable& table, admin::ControlPlane& control_plane, const Scraper& scraper);
/// `/health`, `/liveness`, `/readiness`.
void add_probes(server::EndpointTable& table, admin::ControlPlane& control_plane);
/// `/metrics` for the listener of its own.
void add_metrics(server::EndpointTable& table, const Scraper& scraper);

}  // namespace smg::app
