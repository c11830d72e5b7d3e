#include "fleet/seal.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <memory>
#include <stdexcept>

namespace smg::fleet {
namespace {

constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

Context new_context() {
    Context context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    if (!context) throw std::bad_alloc();
    return context;
}

unsigned char* bytes_of(std::string& text, std::size_t from = 0) { return reinterpret_cast<unsigned char*>(text.data()) + from; }
const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
int size_of(std::string_view text) { return static_cast<int>(text.size()); }

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    if (RAND_bytes(bytes_of(bytes), static_cast<int>(count)) != 1) throw std::runtime_error("the system gives no random bytes");
    return bytes;
}

}  // namespace

std::string Seal::random_salt() { return random_bytes(salt_size); }

Result<Seal> Seal::from_passphrase(const Secret& passphrase, std::string_view salt) {
    // RFC 7914's parameters for interactive use: a guess costs 32 MiB and tens of milliseconds.
    constexpr std::uint64_t cost = 1U << 15U, block = 8, lanes = 1, most_memory = 64U * 1024 * 1024;
    Seal seal;
    const auto& text = passphrase.reveal();
    if (EVP_PBE_scrypt(text.data(), text.size(), bytes_of(salt), salt.size(), cost, block, lanes, most_memory, seal.key_.data(), seal.key_.size()) !=
        1)
        return fail(Failure::internal_error, "the sealing key could not be derived");
    return seal;
}

std::string Seal::close(std::string_view plain, std::string_view bound_to) const {
    auto out = random_bytes(nonce_size);
    out.resize(nonce_size + plain.size() + tag_size);
    const auto context = new_context();
    int written = 0;
    const bool good = EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key_.data(), bytes_of(out)) == 1 &&
                      EVP_EncryptUpdate(context.get(), nullptr, &written, bytes_of(bound_to), size_of(bound_to)) == 1 &&
                      EVP_EncryptUpdate(context.get(), bytes_of(out, nonce_size), &written, bytes_of(plain), size_of(plain)) == 1 &&
                      EVP_EncryptFinal_ex(context.get(), bytes_of(out, nonce_size + plain.size()), &written) == 1 &&
                      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, tag_size, bytes_of(out, nonce_size + plain.size())) == 1;
    if (!good) throw std::runtime_error("OpenSSL could not seal");
    return out;
}

std::optional<std::string> Seal::open(std::string_view sealed, std::string_view bound_to) const {
    if (sealed.size() < nonce_size + tag_size) return std::nullopt;
    const auto nonce = sealed.substr(0, nonce_size);
    const auto text = sealed.substr(nonce_size, sealed.size() - nonce_size - tag_size);
    std::string tag(sealed.substr(sealed.size() - tag_size));
    std::string plain(text.size(), '\0');
    const auto context = new_context();
    int written = 0;
    const bool good = EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key_.data(), bytes_of(nonce)) == 1 &&
                      EVP_DecryptUpdate(context.get(), nullptr, &written, bytes_of(bound_to), size_of(bound_to)) == 1 &&
                      EVP_DecryptUpdate(context.get(), bytes_of(plain), &written, bytes_of(text), size_of(text)) == 1 &&
                      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, tag_size, tag.data()) == 1 &&
                      EVP_DecryptFinal_ex(context.get(), bytes_of(plain, plain.size()), &written) == 1;
    if (!good) return std::nullopt;
    return plain;
}

}  // namespace smg::fleet
