// A second device for machines that have none: torch's PrivateUse1 backend on host memory.
//
// It refuses what a real device refuses (tensors of two devices in one operation, more memory than
// there is), counts its bytes exactly, and fails on demand.  What torch can do on the CPU it does
// by going there and back (the CPU fallback); what concerns storages, views and copies is here.
//
// Two modes: whether `a.data = b` may exchange a tensor's implementation between CPU and this
// device, as between CPU and CUDA, or not, as on XLA (`Module.to` then makes new parameters).

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <unordered_set>

#include <ATen/EmptyTensor.h>
#include <ATen/detail/PrivateUse1HooksInterface.h>
#include <ATen/native/CPUFallback.h>
#include <ATen/ops/_copy_from_native.h>
#include <ATen/ops/_local_scalar_dense_cpu_dispatch.h>
#include <ATen/ops/_reshape_alias_native.h>
#include <ATen/ops/as_strided_cpu_dispatch.h>
#include <ATen/ops/copy_native.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/is_set_to_native.h>
#include <ATen/ops/resize_native.h>
#include <ATen/ops/set_cpu_dispatch.h>
#include <ATen/ops/set_native.h>
#include <ATen/ops/unfold_native.h>
#include <ATen/ops/view_as_complex_native.h>
#include <ATen/ops/view_as_real_native.h>
#include <ATen/ops/view_native.h>
#include <c10/core/Allocator.h>
#include <c10/core/DeviceGuard.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/library.h>

namespace toy {

constexpr int kDevices = 2;
constexpr int64_t kBytes = int64_t{8} << 30; // of each device, unless limited
constexpr int kNever = -1;

struct Memory {
  int64_t used = 0;
  int64_t peak = 0; // of used, since the last reset of it
  int64_t limit = kBytes;
  int64_t cached = 0; // freed by tensors, kept for the next one of that size
  std::multimap<size_t, void*> cache;
};

std::mutex lock;
std::array<Memory, kDevices> memory;
int64_t allocations = 0; // since the last reset
int64_t copies = 0;      // the same, between devices
int fails_at = kNever;   // allocations from now; 1 is the next
int copy_fails_at = kNever;
bool caches = false; // as torch's allocator for CUDA does
std::atomic<bool> compatible{true};
thread_local c10::DeviceIndex current = 0;

bool due(int& countdown) {
  if (countdown > 0 && --countdown == 0) {
    countdown = kNever;
    return true;
  }
  return false;
}

void check(c10::DeviceIndex index) {
  TORCH_CHECK(
      index >= 0 && index < kDevices,
      "toy: invalid device ordinal ", static_cast<int>(index), "; there are ", kDevices);
}

// Memory ------------------------------------------------------------------------------------------

struct Block {
  void* data;
  size_t bytes;
  c10::DeviceIndex device;
};

void release(void* context) {
  auto* block = static_cast<Block*>(context);
  // Who reads it after this finds rubbish, not what was there.
  std::memset(block->data, 0xDB, block->bytes);
  {
    std::lock_guard<std::mutex> guard(lock);
    auto& here = memory[block->device];
    const auto bytes = static_cast<int64_t>(block->bytes);
    here.used -= bytes;
    if (caches) {
      here.cached += bytes;
      here.cache.emplace(block->bytes, block->data);
      block->data = nullptr;
    }
  }
  std::free(block->data);
  delete block;
}

// The caller has the lock.
void empty_cache(Memory& here) {
  for (const auto& [bytes, data] : here.cache) {
    std::free(data);
  }
  here.cache.clear();
  here.cached = 0;
}

void* take_cached(Memory& here, size_t bytes) {
  const auto found = here.cache.find(bytes);
  if (found == here.cache.end()) {
    return nullptr;
  }
  void* data = found->second;
  here.cache.erase(found);
  here.cached -= static_cast<int64_t>(bytes);
  return data;
}

struct Allocator final : c10::Allocator {
  c10::DataPtr allocate(size_t bytes) override {
    const auto index = current;
    const c10::Device device(c10::kPrivateUse1, index);
    if (bytes == 0) {
      return {nullptr, nullptr, &release_nothing, device};
    }
    void* data = nullptr;
    {
      std::lock_guard<std::mutex> guard(lock);
      auto& here = memory[index];
      ++allocations;
      const bool failed = due(fails_at);
      const bool full = static_cast<int64_t>(bytes) > here.limit - here.used;
      TORCH_CHECK_WITH(
          OutOfMemoryError, !failed && !full,
          "toy out of memory. Tried to allocate ", bytes, " bytes. Device ",
          static_cast<int>(index), " has a total capacity of ", here.limit, " bytes of which ",
          here.limit - here.used, " are free.");
      data = take_cached(here, bytes);
      if (static_cast<int64_t>(bytes) > here.limit - here.used - here.cached) {
        empty_cache(here); // what is kept gives way
      }
      here.used += static_cast<int64_t>(bytes);
      here.peak = std::max(here.peak, here.used);
    }
    if (data == nullptr) {
      data = std::malloc(bytes);
    }
    TORCH_CHECK(data != nullptr, "toy: the host has no memory left");
    std::memset(data, 0xCD, bytes);
    auto* block = new Block{data, bytes, index};
    return {data, block, &release, device};
  }
  void copy_data(void* to, const void* from, size_t bytes) const override {
    default_copy_data(to, from, bytes);
  }
  static void release_nothing(void*) {}
};

Allocator allocator;

// Pinned memory is host memory whose addresses are known.
std::unordered_set<const void*> pinned;

struct PinnedAllocator final : c10::Allocator {
  c10::DataPtr allocate(size_t bytes) override {
    void* data = std::malloc(bytes ? bytes : 1);
    std::lock_guard<std::mutex> guard(lock);
    pinned.insert(data);
    return {data, data, &unpin, c10::Device(c10::kCPU)};
  }
  void copy_data(void* to, const void* from, size_t bytes) const override {
    default_copy_data(to, from, bytes);
  }
  static void unpin(void* data) {
    {
      std::lock_guard<std::mutex> guard(lock);
      pinned.erase(data);
    }
    std::free(data);
  }
};

PinnedAllocator pinned_allocator;

// The current device, and what else torch wants to know of a backend --------------------------------

struct Guard final : c10::impl::DeviceGuardImplInterface {
  static constexpr c10::DeviceType static_type = c10::kPrivateUse1;
  Guard() = default;
  explicit Guard(c10::DeviceType) {}
  c10::DeviceType type() const override { return static_type; }
  c10::Device exchangeDevice(c10::Device device) const override {
    const auto old = getDevice();
    setDevice(device);
    return old;
  }
  c10::Device getDevice() const override { return {static_type, current}; }
  void setDevice(c10::Device device) const override {
    if (device.has_index()) {
      check(device.index());
      current = device.index();
    }
  }
  void uncheckedSetDevice(c10::Device device) const noexcept override {
    current = device.index();
  }
  c10::Stream getStream(c10::Device device) const override {
    return c10::Stream(c10::Stream::DEFAULT, device);
  }
  c10::Stream getDefaultStream(c10::Device device) const override { return getStream(device); }
  c10::Stream getStreamFromGlobalPool(c10::Device device, bool) const override {
    return getStream(device);
  }
  c10::Stream getNewStream(c10::Device device, int) const override { return getStream(device); }
  c10::Stream exchangeStream(c10::Stream stream) const override {
    return getStream(stream.device());
  }
  c10::DeviceIndex deviceCount() const noexcept override { return kDevices; }
  // Everything is done when the call returns.
  void record(void**, const c10::Stream&, const c10::DeviceIndex, const c10::EventFlag)
      const override {}
  void block(void*, const c10::Stream&) const override {}
  bool queryEvent(void*) const override { return true; }
  bool queryStream(const c10::Stream&) const override { return true; }
  void synchronizeStream(const c10::Stream&) const override {}
  void synchronizeEvent(void*) const override {}
  void synchronizeDevice(const c10::DeviceIndex) const override {}
};

struct Hooks final : at::PrivateUse1HooksInterface {
  bool isBuilt() const override { return true; }
  bool isAvailable() const override { return true; }
  bool hasPrimaryContext(c10::DeviceIndex) const override { return true; }
  c10::DeviceIndex deviceCount() const override { return kDevices; }
  c10::DeviceIndex getCurrentDevice() const override { return current; }
  void setCurrentDevice(c10::DeviceIndex index) const override {
    check(index);
    current = index;
  }
  c10::DeviceIndex exchangeDevice(c10::DeviceIndex index) const override {
    const auto old = current;
    setCurrentDevice(index);
    return old;
  }
  c10::DeviceIndex maybeExchangeDevice(c10::DeviceIndex index) const override {
    return index < 0 ? current : exchangeDevice(index);
  }
  bool isPinnedPtr(const void* data) const override {
    std::lock_guard<std::mutex> guard(lock);
    return pinned.count(data) != 0;
  }
  c10::Allocator* getPinnedMemoryAllocator() const override { return &pinned_allocator; }
  void resizePrivateUse1Bytes(const c10::Storage& storage, size_t bytes) const override {
    const c10::DeviceGuard guard(storage.device());
    auto data = allocator.allocate(bytes);
    const auto kept = std::min(bytes, storage.nbytes());
    if (kept) {
      std::memcpy(data.get(), storage.data(), kept);
    }
    storage.set_data_ptr_noswap(std::move(data));
    storage.set_nbytes(bytes);
  }
};

// Operators ----------------------------------------------------------------------------------------

using at::Tensor;
using Ints = c10::IntArrayRef;
template <typename T>
using Maybe = std::optional<T>;

constexpr c10::DispatchKeySet kKeys(c10::DispatchKey::PrivateUse1);

c10::Device on_this(Maybe<c10::Device> device, Maybe<c10::Layout> layout, Maybe<bool> pin) {
  TORCH_CHECK(c10::layout_or_default(layout) == c10::kStrided, "toy: dense tensors only");
  TORCH_CHECK(!c10::pinned_memory_or_default(pin), "toy: only CPU tensors can be pinned");
  return c10::device_or_default(device);
}

Tensor empty(
    Ints size, Maybe<c10::ScalarType> dtype, Maybe<c10::Layout> layout, Maybe<c10::Device> device,
    Maybe<bool> pin, Maybe<c10::MemoryFormat> format) {
  const c10::DeviceGuard guard(on_this(device, layout, pin));
  return at::detail::empty_generic(size, &allocator, kKeys, c10::dtype_or_default(dtype), format);
}

Tensor empty_strided(
    Ints size, Ints stride, Maybe<c10::ScalarType> dtype, Maybe<c10::Layout> layout,
    Maybe<c10::Device> device, Maybe<bool> pin) {
  const c10::DeviceGuard guard(on_this(device, layout, pin));
  return at::detail::empty_strided_generic(
      size, stride, &allocator, kKeys, c10::dtype_or_default(dtype));
}

// The same memory as a CPU tensor; bits that mean "read it conjugated" included.
Tensor on_host(const Tensor& tensor) {
  if (!tensor.is_privateuseone()) {
    return tensor;
  }
  auto host = at::from_blob(
      tensor.data_ptr(), tensor.sizes(), tensor.strides(), tensor.options().device(at::kCPU));
  host._set_conj(tensor.is_conj());
  host._set_neg(tensor.is_neg());
  return host;
}

Tensor copy_from(const Tensor& self, const Tensor& dst, bool) {
  if (self.device() != dst.device()) {
    std::lock_guard<std::mutex> guard(lock);
    ++copies;
    TORCH_CHECK(!due(copy_fails_at), "toy: the copy failed, as it was told to");
  }
  auto to = on_host(dst);
  at::native::copy_(to, on_host(self), false);
  return dst;
}

Tensor copy_from_and_resize(const Tensor& self, const Tensor& dst) {
  dst.resize_(self.sizes());
  return copy_from(self, dst, false);
}

const Tensor& resize_(const Tensor& self, Ints size, Maybe<c10::MemoryFormat> format) {
  const c10::DeviceGuard guard(self.device());
  return at::native::resize_(self, size, format);
}

Tensor& set_storage(Tensor& self, c10::Storage source, int64_t offset, Ints size, Ints stride) {
  const c10::DeviceGuard guard(self.device());
  return at::cpu::set_(self, std::move(source), offset, size, stride);
}

Tensor& set_nothing(Tensor& self) {
  const c10::DeviceGuard guard(self.device());
  c10::Storage none(c10::Storage::use_byte_size_t(), 0, &allocator, true);
  return at::cpu::set_(self, std::move(none), 0, {0}, {});
}

bool has_compatible_shallow_copy_type(const Tensor& self, const Tensor& from) {
  const auto other = [](const Tensor& tensor) {
    return tensor.is_privateuseone() || (tensor.is_cpu() && tensor.layout() == c10::kStrided);
  };
  return self.device().type() == from.device().type()
      ? self.unsafeGetTensorImpl()->has_compatible_shallow_copy_type(from.key_set())
      : compatible.load() && other(self) && other(from);
}

// CPU and this device torch tells apart itself; two of this it would quietly copy to the CPU.
void check_same_device(c10::ArrayRef<c10::IValue> arguments) {
  Maybe<c10::Device> first;
  const auto look = [&first](const Tensor& tensor) {
    if (tensor.defined() && tensor.is_privateuseone()) {
      first = first.value_or(tensor.device());
      TORCH_CHECK(
          tensor.device() == *first,
          "Expected all tensors to be on the same device, but found at least two devices, ",
          *first, " and ", tensor.device(), "!");
    }
  };
  for (const auto& argument : arguments) {
    if (argument.isTensor()) {
      look(argument.toTensor());
    } else if (argument.isTensorList()) {
      for (const Tensor& tensor : argument.toTensorVector()) {
        look(tensor);
      }
    }
  }
}

void fall_back(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
  check_same_device(torch::jit::last(*stack, op.schema().arguments().size()));
  at::native::cpu_fallback(op, stack);
}

TORCH_LIBRARY_IMPL(_, PrivateUse1, m) {
  m.fallback(torch::CppFunction::makeFromBoxedFunction<&fall_back>());
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  m.impl("empty.memory_format", empty);
  m.impl("empty_strided", empty_strided);
  m.impl("_copy_from", copy_from);
  m.impl("_copy_from_and_resize", copy_from_and_resize);
  m.impl("resize_", resize_);
  m.impl("set_", set_nothing);
  m.impl("set_.source_Storage", static_cast<Tensor& (*)(Tensor&, c10::Storage)>(at::native::set_));
  m.impl("set_.source_Storage_storage_offset", set_storage);
  m.impl("set_.source_Tensor", at::native::set_tensor_);
  m.impl("is_set_to", at::native::is_set_to);
  m.impl("as_strided", static_cast<Tensor (*)(const Tensor&, Ints, Ints, Maybe<int64_t>)>(
      at::cpu::as_strided));
  m.impl("_reshape_alias", at::native::_reshape_alias);
  m.impl("view", static_cast<Tensor (*)(const Tensor&, Ints)>(at::native::view));
  m.impl("unfold", at::native::unfold);
  m.impl("view_as_real", at::native::view_as_real);
  m.impl("view_as_complex", at::native::view_as_complex);
  m.impl("_local_scalar_dense", at::cpu::_local_scalar_dense);
  m.impl("_has_compatible_shallow_copy_type", has_compatible_shallow_copy_type);
}

TORCH_LIBRARY_IMPL(aten, AutogradPrivateUse1, m) {
  m.impl("_has_compatible_shallow_copy_type", has_compatible_shallow_copy_type);
}

// Else torch resolves the bits of the *target* by copying it, and the copy is what gets written.
TORCH_LIBRARY_IMPL(aten, Conjugate, m) {
  m.impl("_copy_from", torch::CppFunction::makeFallthrough());
}
TORCH_LIBRARY_IMPL(aten, Negative, m) {
  m.impl("_copy_from", torch::CppFunction::makeFallthrough());
}

C10_REGISTER_GUARD_IMPL(PrivateUse1, Guard);
REGISTER_ALLOCATOR(c10::kPrivateUse1, &allocator);
Hooks hooks;
const bool hooked = (at::RegisterPrivateUse1HooksInterface(&hooks), true);

} // namespace toy

// What the tests turn ------------------------------------------------------------------------------

extern "C" {

int toy_device_count() { return toy::kDevices; }
int toy_current_device() { return toy::current; }

int toy_set_device(int index) {
  if (index < 0 || index >= toy::kDevices) {
    return -1;
  }
  toy::current = static_cast<c10::DeviceIndex>(index);
  return 0;
}

int64_t toy_allocated(int index) {
  std::lock_guard<std::mutex> guard(toy::lock);
  return toy::memory.at(index).used;
}

int64_t toy_peak(int index) {
  std::lock_guard<std::mutex> guard(toy::lock);
  return toy::memory.at(index).peak;
}

void toy_reset_peak(int index) {
  std::lock_guard<std::mutex> guard(toy::lock);
  auto& here = toy::memory.at(index);
  here.peak = here.used;
}

int64_t toy_reserved(int index) {
  std::lock_guard<std::mutex> guard(toy::lock);
  const auto& here = toy::memory.at(index);
  return here.used + here.cached;
}

void toy_set_caching(int caches) {
  std::lock_guard<std::mutex> guard(toy::lock);
  toy::caches = caches;
}

void toy_empty_cache() {
  std::lock_guard<std::mutex> guard(toy::lock);
  for (auto& here : toy::memory) {
    toy::empty_cache(here);
  }
}

int64_t toy_limit(int index, int64_t bytes) {
  std::lock_guard<std::mutex> guard(toy::lock);
  if (bytes >= 0) {
    toy::memory.at(index).limit = bytes;
  }
  return toy::memory.at(index).limit;
}

void toy_fail_at(int k) {
  std::lock_guard<std::mutex> guard(toy::lock);
  toy::fails_at = k;
}

void toy_fail_copy_at(int k) {
  std::lock_guard<std::mutex> guard(toy::lock);
  toy::copy_fails_at = k;
}

int64_t toy_allocations() {
  std::lock_guard<std::mutex> guard(toy::lock);
  return toy::allocations;
}

int64_t toy_copies() {
  std::lock_guard<std::mutex> guard(toy::lock);
  return toy::copies;
}

void toy_set_compatible(int yes) { toy::compatible = yes != 0; }

void toy_reset() {
  std::lock_guard<std::mutex> guard(toy::lock);
  for (auto& device : toy::memory) {
    device.limit = toy::kBytes;
    device.peak = device.used;
    toy::empty_cache(device);
  }
  toy::caches = false;
  toy::allocations = toy::copies = 0;
  toy::fails_at = toy::copy_fails_at = toy::kNever;
}
}
