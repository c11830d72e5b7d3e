#pragma once
/// Certificates made by the test that needs them: an authority, and what it signs. Keys are P-256; everything lives in memory until
/// `write_to` puts it into a directory of the test's.
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>

namespace smg::test {

/// A directory that is gone at the end of the test.
class TemporaryDirectory {
public:
    TemporaryDirectory() {
        auto pattern = (std::filesystem::temp_directory_path() / "smg-test-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a temporary directory");
        path_ = pattern;
    }
    ~TemporaryDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }

private:
    std::filesystem::path path_;
};

template <auto function>
struct Free {
    void operator()(auto* pointer) const noexcept { function(pointer); }
};

class Certificate {
public:
    /// Signed by itself, and fit to sign others.
    [[nodiscard]] static Certificate authority(const std::string& name) { return Certificate(name, {}, nullptr, 365); }
    /// `names` as openssl writes them, e.g. `DNS:localhost,IP:127.0.0.1`. With days < 0 it has expired.
    [[nodiscard]] Certificate issue(const std::string& name, const std::string& names, int days = 365) const {
        return Certificate(name, names, this, days);
    }
    void write_to(const std::string& certificate_path, const std::string& key_path = {}) const {
        std::unique_ptr<FILE, Free<std::fclose>> file(std::fopen(certificate_path.c_str(), "w"));
        require(file && PEM_write_X509(file.get(), certificate_.get()) == 1);
        if (key_path.empty()) return;
        file.reset(std::fopen(key_path.c_str(), "w"));
        require(file && PEM_write_PrivateKey(file.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
    }

private:
    Certificate(const std::string& name, const std::string& names, const Certificate* issuer, int days)
        : key_(EVP_EC_gen("P-256")), certificate_(X509_new()) {
        auto* x509 = certificate_.get();
        require(key_ && x509 != nullptr);
        const auto* signer = issuer != nullptr ? issuer : this;
        static long serial = 1000;
        X509_set_version(x509, X509_VERSION_3);
        ASN1_INTEGER_set(X509_get_serialNumber(x509), ++serial);
        X509_gmtime_adj(X509_getm_notBefore(x509), -60L * 60 * 24 * 400);
        X509_time_adj_ex(X509_getm_notAfter(x509), days, 0, nullptr);
        X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
        X509_set_issuer_name(x509, X509_get_subject_name(signer->certificate_.get()));
        X509_set_pubkey(x509, key_.get());
        extend(*signer, NID_basic_constraints, issuer == nullptr ? "critical,CA:TRUE" : "critical,CA:FALSE");
        extend(*signer, NID_subject_key_identifier, "hash");
        extend(*signer, NID_authority_key_identifier, "keyid");
        if (issuer == nullptr) extend(*signer, NID_key_usage, "critical,keyCertSign,cRLSign");
        if (!names.empty()) extend(*signer, NID_subject_alt_name, names.c_str());
        require(X509_sign(x509, signer->key_.get(), EVP_sha256()) > 0);
    }

    void extend(const Certificate& signer, int nid, const char* value) {
        X509V3_CTX context;
        X509V3_set_ctx_nodb(&context);
        X509V3_set_ctx(&context, signer.certificate_.get(), certificate_.get(), nullptr, nullptr, 0);
        const std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>> extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
        require(extension && X509_add_ext(certificate_.get(), extension.get(), -1) == 1);
    }

    static void require(bool condition) {
        if (!condition) throw std::runtime_error("cannot make a certificate");
    }

    std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>> key_;
    std::unique_ptr<X509, Free<X509_free>> certificate_;
};

}  // namespace smg::test
