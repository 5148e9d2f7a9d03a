#include "connection.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <random>
#include <stdexcept>

namespace {

/// Some of the ports may be in use, or wait for the end of an earlier connection.
bool connect_from(int socket, addrinfo const& to, int port, bool& taken) {
    sockaddr_storage ours{};
    ours.ss_family = sa_family_t(to.ai_family);
    if (to.ai_family == AF_INET6) reinterpret_cast<sockaddr_in6&>(ours).sin6_port = htons(uint16_t(port));
    else reinterpret_cast<sockaddr_in&>(ours).sin_port = htons(uint16_t(port));
    bool const well = bind(socket, reinterpret_cast<sockaddr*>(&ours), to.ai_addrlen) == 0 && connect(socket, to.ai_addr, to.ai_addrlen) == 0;
    taken = !well && (errno == EADDRINUSE || errno == EADDRNOTAVAIL);
    return well;
}

/// A connected socket, or -1. Of the ports the first is chosen by chance, 0 leaves it to the kernel.
int connect_to(addrinfo const& to, port_range from) {
    int const ports = from.max - from.min + 1, first = int(std::random_device()() % unsigned(ports));
    for (int tried = 0; tried < ports; ++tried) {
        int const made = socket(to.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (made < 0) return -1;
        bool taken;
        if (connect_from(made, to, from.min + (first + tried) % ports, taken)) return made;
        close(made);
        if (!taken) return -1;
    }
    return -1;
}

int connect_to(place const& at, port_range from) {
    addrinfo hints{}, *found = nullptr;
    hints.ai_socktype = SOCK_STREAM;
    if (int const error = getaddrinfo(at.host.c_str(), at.port.c_str(), &hints, &found)) throw std::runtime_error(gai_strerror(error));
    std::unique_ptr<addrinfo, void (*)(addrinfo*)> const all(found, freeaddrinfo);
    for (auto const* each = found; each != nullptr; each = each->ai_next)
        if (int const made = connect_to(*each, from); made >= 0) return made;
    throw std::runtime_error("does not let us connect");
}

}  // namespace

place place_of(std::string const& url) {
    place at{};
    at.secure = url.compare(0, 8, "https://") == 0;
    if (!at.secure && url.compare(0, 7, "http://") != 0) throw std::runtime_error("is not a URL of HTTP");
    auto const begin = at.secure ? 8U : 7U;
    auto const slash = std::min(url.find_first_of("/?", begin), url.size());
    at.authority = url.substr(begin, slash - begin);
    at.path = url.substr(slash);
    if (at.path.empty() || at.path[0] != '/') at.path.insert(0, "/");
    bool const bracketed = at.authority[0] == '[';
    auto const end = bracketed ? at.authority.find(']') : at.authority.find(':');
    at.host = bracketed ? at.authority.substr(1, end - 1) : at.authority.substr(0, end);
    auto const colon = at.authority.find(':', bracketed ? end : 0);
    at.port = colon == std::string::npos ? at.secure ? "443" : "80" : at.authority.substr(colon + 1);
    return at;
}

connection::connection(place const& at, port_range from, std::string const& authorities) : socket_(connect_to(at, from)) {
    if (!at.secure) return;
    auto* const context = SSL_CTX_new(TLS_client_method());
    bool const trusts = authorities.empty() ? SSL_CTX_set_default_verify_paths(context) == 1
                                            : SSL_CTX_load_verify_locations(context, authorities.c_str(), nullptr) == 1;
    if (!trusts) throw std::runtime_error("cannot be trusted: the authorities cannot be read");
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    tls_ = SSL_new(context);
    auto* const wanted = SSL_get0_param(tls_);
    if (X509_VERIFY_PARAM_set1_ip_asc(wanted, at.host.c_str()) != 1) {
        SSL_set_tlsext_host_name(tls_, at.host.c_str());
        X509_VERIFY_PARAM_set1_host(wanted, at.host.c_str(), 0);
    }
    if (SSL_set_fd(tls_, socket_) != 1 || SSL_connect(tls_) != 1)
        throw std::runtime_error(X509_verify_cert_error_string(SSL_get_verify_result(tls_)));
}

void connection::send(std::string const& text) {
    for (std::size_t sent = 0; sent < text.size();) {
        auto const left = text.size() - sent;
        auto const now = tls_ ? SSL_write(tls_, text.data() + sent, int(left)) : write(socket_, text.data() + sent, left);
        if (now <= 0) throw std::runtime_error("takes no more");
        sent += std::size_t(now);
    }
}

std::string connection::receive() {
    char bytes[65536];
    auto const got = tls_ ? SSL_read(tls_, bytes, sizeof bytes) : read(socket_, bytes, sizeof bytes);
    return {bytes, bytes + (got > 0 ? got : 0)};
}
