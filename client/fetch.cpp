// What the initrd asks the head for by HTTP and HTTPS, and tells it: curl with all its libraries would be a sixth of the initrd.
//
// HTTP/1.0 (RFC 1945), so that an answer ends where the connection does and never comes in chunks; with Host, as RFC 9112 wants.

#include "fetch.hpp"

#include <getopt.h>
#include <strings.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "connection.hpp"

namespace {

char const* const usage =
    "usage: luna-torrent fetch [OPTIONS] URL\n"
    "  --output FILE            where the answer's body is put; without it nowhere\n"
    "  --data-binary @FILE      POST what is in FILE\n"
    "  --header LINE            send this header; may be repeated\n"
    "  --headers-from-stdin     send the lines of standard input as headers, which argv would show to everyone\n"
    "  --local-port MIN-MAX     come from one of these ports\n"
    "  --cacert FILE            trust these authorities instead of OpenSSL's own (SSL_CERT_FILE)\n"
    "  --connect-timeout SECONDS, --max-time SECONDS    (10, 60)\n"
    "prints the HTTP status, 000 without an answer; exit status: 0 all of the answer came, 1 not, 2 wrong usage\n";

struct request {
    std::string url, output, headers, authorities, body;
    bool posts = false;
    unsigned connect_seconds = 10, seconds = 60;
    port_range from;
};

[[noreturn]] void refuse() {
    std::cerr << usage;
    std::exit(2);
}

std::string read_all(std::istream& from) { return {std::istreambuf_iterator<char>(from), {}}; }

std::string read_file(char const* word) {
    std::ifstream file(*word == '@' ? word + 1 : word, std::ios::binary);
    if (!file) throw std::runtime_error(std::string("cannot read ") + word);
    return read_all(file);
}

/// Each line of text, ended as HTTP wants it.
std::string header_lines(std::string const& text) {
    std::string lines;
    for (std::size_t at = 0; at < text.size();) {
        auto const end = std::min(text.find('\n', at), text.size());
        if (end > at) lines += text.substr(at, end - at) + "\r\n";
        at = end + 1;
    }
    return lines;
}

request parse(int argc, char** argv) {
    static option const known[] = {
        {"output", required_argument, nullptr, 'o'},          {"data-binary", required_argument, nullptr, 'd'},
        {"header", required_argument, nullptr, 'h'},          {"headers-from-stdin", no_argument, nullptr, 'i'},
        {"local-port", required_argument, nullptr, 'p'},      {"cacert", required_argument, nullptr, 'a'},
        {"connect-timeout", required_argument, nullptr, 'c'}, {"max-time", required_argument, nullptr, 'm'},
        {nullptr, 0, nullptr, 0},
    };
    request said;
    for (int which; (which = getopt_long(argc, argv, "", known, nullptr)) != -1;) switch (which) {
            case 'o': said.output = optarg; break;
            case 'd': said.posts = true, said.body = read_file(optarg); break;
            case 'h': said.headers += header_lines(optarg); break;
            case 'i': said.headers += header_lines(read_all(std::cin)); break;
            case 'p':
                if (std::sscanf(optarg, "%d-%d", &said.from.min, &said.from.max) != 2 || said.from.max < said.from.min) refuse();
                break;
            case 'a': said.authorities = optarg; break;
            case 'c': said.connect_seconds = unsigned(std::atoi(optarg)); break;
            case 'm': said.seconds = unsigned(std::atoi(optarg)); break;
            default: refuse();
        }
    if (optind + 1 != argc) refuse();
    said.url = argv[optind];
    return said;
}

struct answer {
    std::string status = "000";
    long long length = -1;
};

/// The answer's first lines, without the empty one that ends them.
answer parse_head(std::string const& head) {
    answer got;
    if (head.compare(0, 5, "HTTP/") != 0 || head.size() < 12) throw std::runtime_error("does not speak HTTP");
    got.status = head.substr(head.find(' ') + 1, 3);
    for (auto at = head.find("\r\n"); at != std::string::npos; at = head.find("\r\n", at + 2)) {
        auto const* const line = head.c_str() + at + 2;
        if (strncasecmp(line, "content-length:", 15) == 0) got.length = std::atoll(line + 15);
        if (strncasecmp(line, "transfer-encoding:", 18) == 0) throw std::runtime_error("answers in chunks, to HTTP/1.0");
    }
    return got;
}

std::string text_of(request const& said, place const& at) {
    auto text = (said.posts ? "POST " : "GET ") + at.path + " HTTP/1.0\r\nHost: " + at.authority + "\r\nAccept: */*\r\n" + said.headers;
    if (said.posts) text += "Content-Length: " + std::to_string(said.body.size()) + "\r\n";
    return text + "\r\n" + said.body;
}

/// @returns whether all of the answer came
bool exchange(request const& said, answer& got) {
    auto const at = place_of(said.url);
    connection head(at, said.from, said.authorities);
    alarm(said.seconds);
    head.send(text_of(said, at));
    std::string begin;
    std::size_t end;
    while ((end = begin.find("\r\n\r\n")) == std::string::npos) {
        auto const more = head.receive();
        if (more.empty() || begin.size() > 65536) throw std::runtime_error("gave no answer");
        begin += more;
    }
    got = parse_head(begin.substr(0, end));
    std::ofstream file;
    if (!said.output.empty()) file.open(said.output, std::ios::binary);
    long long have = 0;
    for (auto body = begin.substr(end + 4);;) {
        file.write(body.data(), std::streamsize(body.size()));
        have += static_cast<long long>(body.size());
        if (have == got.length || (body = head.receive()).empty()) break;
    }
    file.close();
    if (!said.output.empty() && !file) throw std::runtime_error("cannot write " + said.output);
    return got.length < 0 || have == got.length;
}

}  // namespace

int fetch(int argc, char** argv) try {
    auto const said = parse(argc, argv);
    answer got;
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGALRM, [](int) {
        [[maybe_unused]] auto const written = write(STDOUT_FILENO, "000", 3);
        _exit(1);
    });
    alarm(said.connect_seconds);
    bool whole = false;
    try {
        whole = exchange(said, got);
    } catch (std::exception const& error) {
        std::cerr << "luna-fetch: " << said.url << " " << error.what() << "\n";
    }
    std::cout << got.status << std::flush;
    return whole ? 0 : 1;
} catch (std::exception const& error) {
    std::cerr << "luna-fetch: " << error.what() << "\n";
    return 2;
}
