/* The runtime in C: lanes and regions of one chip, driven from the calling process, with no daemon.
 *
 * A device context is one chip and its program. Channels carry messages between host and chip over lanes, regions are memory
 * that both map, with 64-bit signals. cpu_to_l2 is what the rest of L3Link calls host_to_chip, l2_to_cpu is chip_to_host. A
 * message of route R takes lane R % lane count, each way: order holds for a route. Receiving takes from all lanes in turn.
 *
 * Codes. 0 done; the others are negative, and l3link_last_error() says in words what was wrong:
 *   -11  would block: no room, no message or no such value within timeout_us
 *   -22  invalid: a null pointer that must not be null, a handle that is stale, of another context, or no handle at all, a
 *        range outside of the region, an unknown signal; also when the object is closed while the call waits
 *   -75  too large: the message for the channel, or for the buffer that was to receive it
 *    -5  the backend: a lane or region was corrupted by the chip program, its memory is gone
 *   -95  an l3link_ call asks for what this platform cannot do
 * Calls that return a pointer return NULL and set errno: EINVAL, ENOMEM (the chip's memory is full), ENOTSUP (not on this
 * platform), EIO (the backend); for l3link_ calls and contexts also EEXIST, ENOENT, EBUSY and EACCES.
 *
 * Times are in microseconds. timeout_us 0 is one probe. Where it is signed, negative is without end (L3LINK_FOREVER).
 *
 * Handles are tokens, never addresses: one that was closed is known to be stale, for ever. Any thread may call anything at any
 * time, several at once on one handle; what a thread sends on one route stays in order. Closing while others wait ends their
 * waits. After fork() the child must not use the parent's contexts. Payloads are copied once: from the caller's memory into
 * the ring, from the ring into the caller's memory; there is no queue between.
 */
#ifndef L3LINK_BACKENDS_RUNTIME_RUNTIME_C_API_H_
#define L3LINK_BACKENDS_RUNTIME_RUNTIME_C_API_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef void* DeviceContextHandle;

/* Each at least 1, flags 0. */
typedef struct HostDeviceChannelConfig {
  uint32_t lane_count_cpu_to_l2; /* at most 4096, as the other */
  uint32_t lane_count_l2_to_cpu;
  uint32_t lane_depth;        /* messages in a lane: a power of two, at most 65536 */
  uint32_t max_message_bytes; /* at most 64 MiB */
  uint32_t flags;             /* none is defined */
} HostDeviceChannelConfig;

typedef struct HostDeviceMemoryConfig {
  uint64_t data_bytes;   /* at least 1 */
  uint32_t signal_count; /* 1 to 65536 */
  uint32_t flags;        /* none is defined */
} HostDeviceMemoryConfig;

typedef struct HostDeviceMemoryInfo {
  uint64_t host_ptr;   /* of the data in this process, until the region is closed */
  uint64_t device_ptr; /* of the same data, as the chip sees it */
  uint64_t data_bytes;
  uint32_t signal_count;
  uint32_t flags;
} HostDeviceMemoryInfo;

/* ---- Contexts ---------------------------------------------------------------------------------------------------------
 *
 * `platform`: "a2a3sim", "a5sim", "a2a3" or "a5". Of "a5", and of "a2a3" where its libraries or the device are missing, a context
 * is made, and every open in it is refused with ENOTSUP ("not supported on a5"; for a2a3 with what is missing, where it was
 * looked for, and the remedy). `device_id`: the chip's number, from 0. `options`: NULL, or key=value,key=value,...
 *   program=NAME      what a simulated chip runs: echo, checksum, sink, source, vector_add, each with @PREFIX if wanted, or the
 *                     path of a chip program, FILE.so; program=A,B or several times. Default echo and vector_add
 *   sim_chip=PATH     l3link-sim-chip. Default: $L3LINK_SIM_CHIP; beside this library, in the bin of its prefix or in its build
 *                     tree; the same of the running program; on PATH
 *   state_dir=DIR     where the arena's file and chip.log are; this user's alone, of one context at a time. Default: a folder
 *                     in /dev/shm that goes with the context
 *   arena_bytes=N     all memory for channels and regions together, a multiple of 4096. Default 1073741824; taken as it is used, of
 *                     a2a3 at once
 *   chip_arg=FLAG     a further argument of l3link-sim-chip; may be given several times
 *   external=1        somebody else starts the chip's process
 *   ascend_hal=FILE   libascend_hal.so of a2a3, a path or a name for the dynamic loader; ascend_acl=FILE: libascendcl.so. Default:
 *                     those names, then the usual places
 * Returns when the simulated chip's program runs, or 10 s later; of a2a3 at once, since the caller launches the program. NULL with errno: EINVAL (platform, device_id, an option), ENOENT (no
 * l3link-sim-chip), EBUSY (state_dir in use), ENOMEM (the device's memory is full), EIO (the chip program ended at once: its words
 * are in the error text; a call of the device's libraries failed).
 *
 * Destroying a context closes what is open in it, ends waiting calls, and returns when the last has left and the chip's process
 * has ended. NULL and stale handles are ignored. */
DeviceContextHandle l3link_create_device_context(const char* platform, int device_id, const char* options);
void l3link_destroy_device_context(DeviceContextHandle ctx);

/* Where the context's arena is for its chip: what a program that the caller launches on an a2a3 attaches to (l3_attach of
 * backends/abi/chip.h). It ends with the context: the program has to have ended by then. -95 where opens are refused. */
typedef struct L3LinkArenaInfo {
  uint64_t device_ptr;
  uint64_t arena_bytes;
} L3LinkArenaInfo;
int l3link_arena_info(DeviceContextHandle ctx, L3LinkArenaInfo* info);

/* What was wrong with this thread's last call that failed; never NULL, "" when none did. Valid until this thread's next call. */
const char* l3link_last_error(void);

/* ---- Channels: the eleven calls, part one ------------------------------------------------------------------------------ */

void* open_host_device_channel_ctx(DeviceContextHandle ctx, const HostDeviceChannelConfig* cfg);
/* 0 for NULL; -22 for a handle that is stale or of another context. */
int close_host_device_channel_ctx(DeviceContextHandle ctx, void* ch);

/* The size is checked before there is room. `data` may be NULL when nbytes is 0. */
int host_device_send_ctx(DeviceContextHandle ctx, void* ch, uint32_t route, const void* data, size_t nbytes,
                         uint64_t correlation_id, uint32_t timeout_us);
/* -75 when the message is larger than `capacity`: it stays, *out_nbytes is its size, and the next call meets it again. `dst` may
 * be NULL when `capacity` is 0. *out_nbytes is 0 at -11. */
int host_device_recv_ctx(DeviceContextHandle ctx, void* ch, void* dst, size_t capacity, size_t* out_nbytes,
                         uint64_t* out_correlation_id, uint32_t* out_route, uint32_t timeout_us);

/* ---- Regions: the eleven calls, part two -------------------------------------------------------------------------------
 *
 * Both sides may notify every signal of a region that is opened so. */

void* open_host_device_memory_ctx(DeviceContextHandle ctx, const HostDeviceMemoryConfig* cfg);
int close_host_device_memory_ctx(DeviceContextHandle ctx, void* mem);
int host_device_memory_info_ctx(DeviceContextHandle ctx, void* mem, HostDeviceMemoryInfo* info);
/* n 0 is legal up to offset data_bytes, and then the pointer may be NULL. */
int host_device_memory_read_ctx(DeviceContextHandle ctx, void* mem, uint64_t offset, void* dst, size_t n);
int host_device_memory_write_ctx(DeviceContextHandle ctx, void* mem, uint64_t offset, const void* src, size_t n);
/* Sets the signal, after everything that was written before. */
int host_device_memory_notify_ctx(DeviceContextHandle ctx, void* mem, uint32_t signal_id, uint64_t value);
/* Until the signal is at least `target`; what the chip wrote before is visible then. */
int host_device_memory_wait_ctx(DeviceContextHandle ctx, void* mem, uint32_t signal_id, uint64_t target,
                                uint32_t timeout_us);

/* ---- Newer calls: names, batches, waits without end, every comparison, add ---------------------------------------------- */

#define L3LINK_FOREVER (-1)

/* A channel flag of l3link_channel_open: each message carries a CRC-32C of its payload, which is checked. */
#define L3LINK_CHANNEL_CHECKSUM 1u

/* Who may notify a signal. */
enum { L3LINK_WRITER_HOST = 1, L3LINK_WRITER_CHIP = 2, L3LINK_WRITER_BOTH = 3 };
/* How a notify changes a signal. ADD (modulo 2^64) and MAX of a signal that both write: -95 on platforms without atomics that
 * both sides respect (a5sim). */
enum { L3LINK_SET = 1, L3LINK_ADD = 2, L3LINK_MAX = 3 };
/* signal OP target. */
enum { L3LINK_GE = 1, L3LINK_GT = 2, L3LINK_EQ = 3, L3LINK_NE = 4, L3LINK_LE = 5, L3LINK_LT = 6 };

typedef struct L3LinkOutgoing {
  const void* data;
  size_t nbytes;
  uint64_t correlation_id;
  uint32_t route;
} L3LinkOutgoing;

typedef struct L3LinkIncoming {
  void* dst;       /* in: room for the payload */
  size_t capacity; /* in: of how many bytes */
  size_t nbytes;   /* out, as the rest */
  uint64_t correlation_id;
  uint32_t route;
} L3LinkIncoming;

/* Open by a name of 1 to 47 bytes of [A-Za-z0-9._-], by which chip programs find it. A name that is open already: another handle of
 * the same object when the configs are the same, else EEXIST. `writers`: signal_count bytes of L3LINK_WRITER_*; NULL: BOTH. */
void* l3link_channel_open(DeviceContextHandle ctx, const char* name, const HostDeviceChannelConfig* cfg);
void* l3link_memory_open(DeviceContextHandle ctx, const char* name, const HostDeviceMemoryConfig* cfg,
                         const uint8_t* writers);
/* A further handle of what is open by that name, ENOENT when nothing is. It is closed as any other, but closing it only lets go
 * of the object; closing a handle that an open returned closes the object, for every handle of it. */
void* l3link_channel_attach(DeviceContextHandle ctx, const char* name);
void* l3link_memory_attach(DeviceContextHandle ctx, const char* name);

/* Sends in order and shows them to the chip at once; waits for room for the first only. *out_sent: how many went. 0 when
 * that is at least one, or count is 0. -75 before any is sent when one is too large. */
int l3link_channel_send(DeviceContextHandle ctx, void* ch, const L3LinkOutgoing* messages, size_t count,
                        size_t* out_sent, int64_t timeout_us);
/* Takes what is there, up to `count`; waits for the first only. 0 when *out_received is at least one, or count is 0. -75 when
 * the first is larger than its capacity: its size is in messages[0].nbytes, and it stays. */
int l3link_channel_recv(DeviceContextHandle ctx, void* ch, L3LinkIncoming* messages, size_t count, size_t* out_received,
                        int64_t timeout_us);

/* *out_value, unless out_value is NULL: the signal afterwards, or the value that met the condition. */
int l3link_memory_notify(DeviceContextHandle ctx, void* mem, uint32_t signal_id, int op, uint64_t value,
                         uint64_t* out_value);
int l3link_memory_wait(DeviceContextHandle ctx, void* mem, uint32_t signal_id, int comparison, uint64_t target,
                       int64_t timeout_us, uint64_t* out_value);

#ifdef __cplusplus
}
#endif

#endif /* L3LINK_BACKENDS_RUNTIME_RUNTIME_C_API_H_ */
