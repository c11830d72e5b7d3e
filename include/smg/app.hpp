#pragma once
/// The process as a function: what `main` calls, and what an embedding program may.

namespace smg {

/// Reads the command line and the environment, runs what they ask for (gateway, demo, simulator, help) and returns the exit code:
/// 0 done, 1 what was found at the start or later (a port in use, an unreadable certificate), 2 usage. Blocks until the end.
int run(int argc, const char* const* argv);

}  // namespace smg
