// A connection to a server of HTTP, by TLS or without.
#pragma once

#include <string>

struct ssl_st;

struct place {
    bool secure;
    std::string authority, host, port, path;
};

/// http://host:port/path?query, where the host may be an IPv6 address in brackets (RFC 3986).
place place_of(std::string const& url);

/// What a connection comes from; 0 leaves it to the kernel.
struct port_range {
    int min = 0, max = 0;
};

/// For one process, which ends after it; whatever fails throws what the server "cannot" or "does not".
class connection {
public:
    /// authorities: a file of them; without it OpenSSL's own are trusted.
    connection(place const& at, port_range from, std::string const& authorities);
    void send(std::string const& text);
    /// The next bytes; none at the end.
    std::string receive();

private:
    int socket_;
    ssl_st* tls_ = nullptr;
};
