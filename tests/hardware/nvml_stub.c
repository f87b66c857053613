/* A libnvidia-ml.so.1 for machines without one.

   What it answers is in the file `nvml.state` beside it, read anew at every
   call, so that a test can change the hardware under a running process. Lines
   are `key=value`. A device's keys begin with its index (`0.name=...`), those of
   an instance of MIG with card and slot (`0/1.uuid=...`). What has no line is
   answered with NVML_ERROR_NOT_SUPPORTED. tests/hardware/stub.py writes it.

     init=9                            nvmlInit fails
     hang=1                            nvmlInit does not return
     gone=9                            every call fails
     fail.nvmlDeviceGetName=4          this call fails, for every device
     0.fail.nvmlDeviceGetName=4        this call fails, for this device
     0.lost=1                          every call with this device fails (GPU is lost)
     0.processes=12:1048576:C 13:na:G  pid:bytes:kind; kinds C, G, M; na: unknown
     0.grows=1                         its list of processes is at first too long for its room
     calls=1                           names of the calls are added to `nvml.calls`

   -DNO_nvmlDeviceGetName leaves that function out, as an older driver would. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
  SUCCESS = 0, UNINITIALIZED = 1, INVALID_ARGUMENT = 2, NOT_SUPPORTED = 3, NOT_FOUND = 6,
  INSUFFICIENT_SIZE = 7, GPU_IS_LOST = 15, NO_VALUE = -1
};

typedef unsigned long long u64;
typedef struct { u64 total, free, used; } Memory;
typedef struct { unsigned version; u64 total, reserved, free, used; } Memory2;
typedef struct { unsigned gpu, memory; } Utilization;
typedef struct { unsigned version, sensor; int temperature; } Temperature;
typedef struct { unsigned pid; u64 bytes; unsigned gpu_instance, compute_instance; } Process;
typedef struct {
  unsigned multiprocessors, copy, decoder, encoder, jpeg, ofa, gpu_slices, compute_slices;
  u64 memory_mb;
} Attributes;

/* A handle is a number: round of initialisation, card + 1, slot of MIG + 1. One
   from before a shutdown is not valid after it. */
typedef void *Device;
static int initialised, round_;

static Device handle(unsigned card, int slot) {
  return (Device)(((unsigned long)round_ << 32) | ((unsigned long)(card + 1) << 16) |
                  (unsigned long)(slot + 1));
}

static int prefix(Device device, char *text, size_t size) {
  unsigned long bits = (unsigned long)device;
  unsigned card = (bits >> 16) & 0xffff, slot = bits & 0xffff;
  if ((int)(bits >> 32) != round_ || card == 0) return 0;
  if (slot) snprintf(text, size, "%u/%u", card - 1, slot - 1);
  else snprintf(text, size, "%u", card - 1);
  return 1;
}

static void beside(const char *name, char *path, size_t size) {
  Dl_info info;
  char folder[4096];
  dladdr((void *)&beside, &info);
  snprintf(folder, sizeof folder, "%s", info.dli_fname);
  snprintf(path, size, "%s/%s", dirname(folder), name);
}

/* The value of a key, or NULL; at most 4095 characters. */
static const char *value(const char *key) {
  static __thread char line[4200];
  char path[4400];
  size_t length = strlen(key);
  FILE *file;
  beside("nvml.state", path, sizeof path);
  file = fopen(path, "r");
  if (!file) return NULL;
  while (fgets(line, sizeof line, file)) {
    if (strncmp(line, key, length) == 0 && line[length] == '=') {
      fclose(file);
      line[strcspn(line, "\n")] = 0;
      return line + length + 1;
    }
  }
  fclose(file);
  return NULL;
}

static int number(const char *key) {
  const char *text = value(key);
  return text ? atoi(text) : NO_VALUE;
}

static void record(const char *function) {
  char path[4400];
  FILE *file;
  if (number("calls") != 1) return;
  beside("nvml.calls", path, sizeof path);
  file = fopen(path, "a");
  if (file) { fprintf(file, "%s\n", function); fclose(file); }
}

/* What every call does first. */
static int enter(const char *function) {
  char key[200];
  int code;
  record(function);
  if ((code = number("gone")) > 0) return code;
  if (!initialised) return UNINITIALIZED;
  snprintf(key, sizeof key, "fail.%s", function);
  return (code = number(key)) > 0 ? code : SUCCESS;
}

static int enter_device(const char *function, Device device, char *who, size_t size) {
  char key[300], card[40];
  int code = enter(function);
  if (code) return code;
  if (!prefix(device, who, size)) return INVALID_ARGUMENT;
  snprintf(card, sizeof card, "%s", who);
  card[strcspn(card, "/")] = 0;
  snprintf(key, sizeof key, "%s.lost", card);
  if (number(key) == 1) return GPU_IS_LOST;
  snprintf(key, sizeof key, "%s.fail.%s", who, function);
  return (code = number(key)) > 0 ? code : SUCCESS;
}

static const char *of(const char *who, const char *what) {
  char key[300];
  snprintf(key, sizeof key, "%s.%s", who, what);
  return value(key);
}

#define ENTER(function) \
  char who[40]; \
  int code = enter_device(function, device, who, sizeof who); \
  if (code) return code

static int text_of(const char *who, const char *what, char *out, unsigned size) {
  const char *text = of(who, what);
  if (!text) return NOT_SUPPORTED;
  if (strlen(text) >= size) return INSUFFICIENT_SIZE;
  strcpy(out, text);
  return SUCCESS;
}

static int unsigned_of(const char *who, const char *what, unsigned *out) {
  const char *text = of(who, what);
  if (!text) return NOT_SUPPORTED;
  *out = strcmp(text, "na") == 0 ? 0xffffffffu : (unsigned)strtoul(text, NULL, 10);
  return SUCCESS;
}

#define UNSIGNED(function, what) \
  int function(Device device, unsigned *out) { ENTER(#function); return unsigned_of(who, what, out); }

/* The library */

static int init(const char *function) {
  int code;
  record(function);
  while (number("hang") == 1) sleep(60);
  if ((code = number("gone")) > 0 || (code = number("init")) > 0) return code;
  if (initialised++ == 0) round_++;
  return SUCCESS;
}

int nvmlInitWithFlags(unsigned flags) { (void)flags; return init("nvmlInitWithFlags"); }
int nvmlInit_v2(void) { return init("nvmlInit_v2"); }

int nvmlShutdown(void) {
  record("nvmlShutdown");
  if (!initialised) return UNINITIALIZED;
  initialised--;
  return SUCCESS;
}

const char *nvmlErrorString(int code) {
  return code == 20 ? "Insufficient Memory" : "An error of the stub";
}

int nvmlSystemGetDriverVersion(char *out, unsigned size) {
  int code = enter("nvmlSystemGetDriverVersion");
  const char *text = value("driver");
  if (code) return code;
  if (!text) return NOT_SUPPORTED;
  snprintf(out, size, "%s", text);
  return SUCCESS;
}

int nvmlDeviceGetCount_v2(unsigned *count) {
  int code = enter("nvmlDeviceGetCount_v2"), devices = number("devices");
  if (code) return code;
  *count = devices > 0 ? (unsigned)devices : 0;
  return SUCCESS;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, Device *out) {
  Device device = handle(index, -1);
  if ((int)index >= number("devices")) return initialised ? INVALID_ARGUMENT : UNINITIALIZED;
  ENTER("nvmlDeviceGetHandleByIndex_v2");
  *out = device;
  return SUCCESS;
}

/* Who it is */

#ifndef NO_nvmlDeviceGetUUID
int nvmlDeviceGetUUID(Device device, char *out, unsigned size) {
  ENTER("nvmlDeviceGetUUID");
  return text_of(who, "uuid", out, size);
}
#endif

/* `0.capability=8.6` */
int nvmlDeviceGetCudaComputeCapability(Device device, int *major, int *minor) {
  ENTER("nvmlDeviceGetCudaComputeCapability");
  const char *text = of(who, "capability");
  return text && sscanf(text, "%d.%d", major, minor) == 2 ? SUCCESS : NOT_SUPPORTED;
}

int nvmlDeviceGetName(Device device, char *out, unsigned size) {
  ENTER("nvmlDeviceGetName");
  return text_of(who, "name", out, size);
}

/* What it does */

static int memory_of(const char *who, Memory2 *memory) {
  const char *text = of(who, "memory"); /* total reserved used */
  if (!text) return NOT_SUPPORTED;
  if (sscanf(text, "%llu %llu %llu", &memory->total, &memory->reserved, &memory->used) != 3)
    return INVALID_ARGUMENT;
  memory->free = memory->total - memory->reserved - memory->used;
  return SUCCESS;
}

int nvmlDeviceGetMemoryInfo(Device device, Memory *out) {
  Memory2 memory;
  ENTER("nvmlDeviceGetMemoryInfo");
  if ((code = memory_of(who, &memory))) return code;
  out->total = memory.total;
  out->free = memory.free;
  out->used = memory.total - memory.free; /* the older form counts the reserve as used */
  return SUCCESS;
}

#ifndef NO_nvmlDeviceGetMemoryInfo_v2
int nvmlDeviceGetMemoryInfo_v2(Device device, Memory2 *out) {
  unsigned version = out->version;
  ENTER("nvmlDeviceGetMemoryInfo_v2");
  if (version != (sizeof(Memory2) | (2u << 24))) return 25; /* ARGUMENT_VERSION_MISMATCH */
  if ((code = memory_of(who, out))) return code;
  return SUCCESS;
}
#endif

int nvmlDeviceGetUtilizationRates(Device device, Utilization *out) {
  ENTER("nvmlDeviceGetUtilizationRates");
  out->memory = 0;
  return unsigned_of(who, "utilization", &out->gpu);
}

#ifndef NO_nvmlDeviceGetTemperature
int nvmlDeviceGetTemperature(Device device, unsigned sensor, unsigned *out) {
  ENTER("nvmlDeviceGetTemperature");
  return sensor == 0 ? unsigned_of(who, "temperature", out) : INVALID_ARGUMENT;
}
#endif

int nvmlDeviceGetTemperatureV(Device device, Temperature *out) {
  unsigned degrees = 0;
  ENTER("nvmlDeviceGetTemperatureV");
  code = unsigned_of(who, "temperature", &degrees);
  out->temperature = (int)degrees;
  return code;
}

UNSIGNED(nvmlDeviceGetPowerUsage, "power")
UNSIGNED(nvmlDeviceGetEnforcedPowerLimit, "power_limit")
UNSIGNED(nvmlDeviceGetPowerManagementLimit, "power_limit")
UNSIGNED(nvmlDeviceGetCurrPcieLinkGeneration, "pcie_generation")
UNSIGNED(nvmlDeviceGetCurrPcieLinkWidth, "pcie_width")
UNSIGNED(nvmlDeviceGetMaxPcieLinkGeneration, "pcie_max_generation")
UNSIGNED(nvmlDeviceGetMaxPcieLinkWidth, "pcie_max_width")

int nvmlDeviceGetClockInfo(Device device, unsigned type, unsigned *out) {
  ENTER("nvmlDeviceGetClockInfo");
  return unsigned_of(who, type == 1 ? "clock_sm" : type == 2 ? "clock_memory" : "clock", out);
}

/* Its health */

UNSIGNED(nvmlDeviceGetPersistenceMode, "persistence")

static int u64_of(const char *who, const char *what, u64 *out) {
  const char *text = of(who, what);
  if (!text) return NOT_SUPPORTED;
  *out = strtoull(text, NULL, 0);
  return SUCCESS;
}

int nvmlDeviceGetCurrentClocksThrottleReasons(Device device, u64 *out) {
  ENTER("nvmlDeviceGetCurrentClocksThrottleReasons");
  return u64_of(who, "slowed", out);
}

int nvmlDeviceGetEccMode(Device device, unsigned *current, unsigned *pending) {
  ENTER("nvmlDeviceGetEccMode");
  code = unsigned_of(who, "ecc", current);
  *pending = *current;
  return code;
}

/* ecc_0_0 corrected, ecc_1_0 uncorrected, ecc_1_1 uncorrected since it was made */
int nvmlDeviceGetTotalEccErrors(Device device, unsigned kind, unsigned since, u64 *out) {
  char key[40];
  ENTER("nvmlDeviceGetTotalEccErrors");
  snprintf(key, sizeof key, "ecc_%u_%u", kind, since);
  return u64_of(who, key, out);
}

int nvmlDeviceGetRemappedRows(Device device, unsigned *corrected, unsigned *uncorrected,
                              unsigned *pending, unsigned *failed) {
  const char *text;
  ENTER("nvmlDeviceGetRemappedRows");
  text = of(who, "remapped");
  if (!text) return NOT_SUPPORTED;
  return sscanf(text, "%u %u %u %u", corrected, uncorrected, pending, failed) == 4
             ? SUCCESS : INVALID_ARGUMENT;
}

/* MIG */

int nvmlDeviceGetMigMode(Device device, unsigned *current, unsigned *pending) {
  ENTER("nvmlDeviceGetMigMode");
  code = unsigned_of(who, "mig", current);
  *pending = *current;
  return code;
}

int nvmlDeviceGetMaxMigDeviceCount(Device device, unsigned *count) {
  ENTER("nvmlDeviceGetMaxMigDeviceCount");
  *count = 7;
  return SUCCESS;
}

int nvmlDeviceGetMigDeviceHandleByIndex(Device device, unsigned slot, Device *out) {
  char key[60];
  ENTER("nvmlDeviceGetMigDeviceHandleByIndex");
  snprintf(key, sizeof key, "%s/%u.uuid", who, slot);
  if (!value(key)) return NOT_FOUND;
  *out = handle((((unsigned long)device >> 16) & 0xffff) - 1, (int)slot);
  return SUCCESS;
}

int nvmlDeviceGetAttributes_v2(Device device, Attributes *out) {
  const char *text;
  ENTER("nvmlDeviceGetAttributes_v2");
  text = of(who, "slices"); /* of the GPU instance, of the compute instance, MiB */
  memset(out, 0, sizeof *out);
  if (!text) return NOT_SUPPORTED;
  sscanf(text, "%u %u %llu", &out->gpu_slices, &out->compute_slices, &out->memory_mb);
  return SUCCESS;
}

/* Processes */

__attribute__((unused)) /* where a driver lists no processes */
static int processes_of(const char *who, char kind, unsigned *count, Process *out) {
  const char *text = of(who, "processes");
  char copy[4200], *rest, *word;
  unsigned found = 0, room = *count;
  static unsigned grown;
  snprintf(copy, sizeof copy, "%s", text ? text : "");
  for (word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
    unsigned pid;
    char size[40], its;
    if (sscanf(word, "%u:%39[^:]:%c", &pid, size, &its) != 3 || its != kind) continue;
    if (out && found < room) {
      out[found].pid = pid;
      out[found].bytes = strcmp(size, "na") ? strtoull(size, NULL, 10) : ~0ull;
      out[found].gpu_instance = out[found].compute_instance = 0xffffffffu;
    }
    found++;
  }
  *count = found;
  if (out && of(who, "grows") && ++grown % 3) return INSUFFICIENT_SIZE;
  return found > (out ? room : 0) ? INSUFFICIENT_SIZE : SUCCESS;
}

#define PROCESSES(function, kind) \
  int function(Device device, unsigned *count, Process *out) { \
    ENTER(#function); \
    return processes_of(who, kind, count, out); \
  }

#ifndef NO_nvmlDeviceGetComputeRunningProcesses_v3
PROCESSES(nvmlDeviceGetComputeRunningProcesses_v3, 'C')
PROCESSES(nvmlDeviceGetGraphicsRunningProcesses_v3, 'G')
PROCESSES(nvmlDeviceGetMPSComputeRunningProcesses_v3, 'M')
#endif
#ifndef NO_nvmlDeviceGetComputeRunningProcesses_v2
PROCESSES(nvmlDeviceGetComputeRunningProcesses_v2, 'C')
#endif
