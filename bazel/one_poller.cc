// Has gRPC 1.51's callback API run on gRPC's executor instead of two threads of its own that poll. Nobody calls it by name:
// linked into a program, this definition of gRPC's own question wins.
//
// All threads that poll share one set of descriptors, and each event that one of them takes wakes the next, and then the one
// whose event it is. A program whose queues are polled by its own threads pays for that with every message: three switches
// between threads where one would do.
bool grpc_iomgr_run_in_background();
bool grpc_iomgr_run_in_background() { return true; }
