/* A libcuda.so.1 for machines without one.

   What it answers is in the file `cuda.state` beside it. Lines are `key=value`:

     init=803          cuInit returns this
     version=12040     cuDriverGetVersion answers this
     hang=1            cuInit does not return
     crash=1           cuInit ends the process by a signal
     devices=2         cards; all alike
     major=8 minor=6   their compute capability

   CUDA_VISIBLE_DEVICES set to nothing or to a number below 0 hides all of them: cuInit then
   returns 100, as the driver's does. Each call of cuInit is noted in `cuda.calls`: the process. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void beside(const char *name, char *path, size_t size) {
  Dl_info info;
  char folder[4096];
  dladdr((void *)beside, &info);
  snprintf(folder, sizeof folder, "%s", info.dli_fname);
  snprintf(path, size, "%s/%s", dirname(folder), name);
}

static int state(const char *key, int otherwise) {
  char path[4200], line[256];
  size_t length = strlen(key);
  beside("cuda.state", path, sizeof path);
  FILE *file = fopen(path, "r");
  if (!file) return otherwise;
  int value = otherwise;
  while (fgets(line, sizeof line, file))
    if (!strncmp(line, key, length) && line[length] == '=') value = atoi(line + length + 1);
  fclose(file);
  return value;
}

static int shown(void) {
  const char *visible = getenv("CUDA_VISIBLE_DEVICES");
  int devices = state("devices", 0);
  if (!visible) return devices;
  if (!*visible || *visible == '-') return 0;
  return atoi(visible) < devices ? 1 : 0;
}

int cuInit(unsigned flags) {
  char path[4200];
  (void)flags;
  beside("cuda.calls", path, sizeof path);
  FILE *file = fopen(path, "a");
  if (file) { fprintf(file, "%d\n", (int)getpid()); fclose(file); }
  if (state("hang", 0)) for (;;) sleep(60);
  if (state("crash", 0)) abort();
  int code = state("init", 0);
  return code ? code : shown() ? 0 : 100;
}

int cuDriverGetVersion(int *version) { *version = state("version", 13000); return 0; }
int cuDeviceGetCount(int *count) { *count = shown(); return 0; }
int cuDeviceGet(int *device, int index) { *device = index; return 0; }
int cuDeviceGetName(char *name, int size, int device) {
  snprintf(name, (size_t)size, "NVIDIA Stub 9000");
  return device < 0;
}
int cuDeviceGetUuid(unsigned char *uuid, int device) {
  memset(uuid, 0x11 * (device + 1), 16);
  return 0;
}
int cuDeviceGetAttribute(int *value, int attribute, int device) {
  *value = attribute == 75 ? state("major", 9) : state("minor", 0);
  return device < 0;
}
