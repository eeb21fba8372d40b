// Ctrl-C and kill: the first asks the work to end in good order, the second ends it at once.
#pragma once

#include <atomic>

namespace unroll::cli {

/// From now on SIGINT and SIGTERM are noted, and the next of either kills the process as if nobody
/// had asked. One that the caller has told the system to ignore (nohup, a shell's `&`) stays so.
void NoteStopSignals();

/// Whether a stop signal has been noted; for a work that looks at it between two steps.
const std::atomic<bool>& StopWanted();

/// The signal that was noted, or 0.
int StopSignal();

}  // namespace unroll::cli
