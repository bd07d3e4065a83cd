#include "credentials/certificate.h"

#include "pages/html.h"

namespace laurel::worker {

namespace {

constexpr const char *kCertificateStyle = R"(
@page { size: A4 landscape; margin: 0 }
* { box-sizing: border-box; margin: 0 }
html { background: #e6e4de; print-color-adjust: exact; -webkit-print-color-adjust: exact }
body { width: 297mm; height: 209mm; margin: 0 auto; padding: 9mm; overflow: hidden; background: #fff; color: #23261f;
    font: 4.4mm/1.45 Georgia, "Noto Serif", "DejaVu Serif", serif }
main { display: flex; flex-direction: column; align-items: center; justify-content: space-between; height: 100%;
    padding: 12mm 22mm 9mm; border: .5mm solid var(--color); outline: 1.6mm solid var(--color); outline-offset: 1.4mm;
    text-align: center }
p, h1, h2 { max-width: 100%; overflow: hidden; overflow-wrap: anywhere; unicode-bidi: isolate; font-weight: normal }
.issuer { color: var(--color); font-size: 6mm; letter-spacing: .08em; -webkit-line-clamp: 2 }
.soft { color: #5c6056 }
h1 { font-size: 13mm; line-height: 1.2; -webkit-line-clamp: 2 }
h1.long { font-size: 8mm }
h2 { color: var(--color); font-size: 9mm; line-height: 1.25; font-weight: bold; -webkit-line-clamp: 2 }
h2.long { font-size: 6mm }
.issuer, h1, h2, .text { display: -webkit-box; -webkit-box-orient: vertical }
.text { max-width: 190mm; white-space: pre-line; -webkit-line-clamp: 3 }
.criteria { font-size: 3.8mm; -webkit-line-clamp: 5 }
footer { display: flex; justify-content: space-between; align-items: end; gap: 10mm; width: 100%;
    font-size: 3.4mm; text-align: start }
footer p:first-child { flex: none }
footer p:last-child { text-align: end }
)";

constexpr size_t kLongName = 48; // bytes

std::string
Style(const std::string &text) {
    return text.size() > kLongName ? " class=\"long\"" : "";
}

// A paragraph in the direction that its text is written in; nothing where there is none.
std::string
Paragraph(const std::string &style, const std::string &text) {
    return text.empty() ? "" : "<p class=\"" + style + "\" dir=\"auto\">" + Escape(text) + "</p>\n";
}

// A colour can be nothing else, since styles have a language of their own.
std::string
ColorOf(const std::string &text) {
    const bool is_color = text.size() == 7 && text[0] == '#' &&
                          text.find_first_not_of("0123456789abcdef", 1) == std::string::npos;
    return is_color ? text : "#23261f";
}

} // namespace

std::string
CertificatePage(const Certificate &certificate) {
    const std::string until = certificate.until.empty() ? "" : " until " + Escape(certificate.until);
    return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>" +
           Escape(certificate.badge) +
           "</title>\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
           "'unsafe-inline'\">\n<style>:root { --color: " +
           ColorOf(certificate.color) + " }" + kCertificateStyle + "</style></head><body><main>\n" +
           Paragraph("issuer", certificate.issuer) + "<p class=\"soft\">certifies that</p>\n<h1" +
           Style(certificate.holder) + " dir=\"auto\">" + Escape(certificate.holder) +
           "</h1>\n<p class=\"soft\">holds</p>\n<h2" + Style(certificate.badge) + " dir=\"auto\">" +
           Escape(certificate.badge) + "</h2>\n" + Paragraph("text", certificate.description) +
           Paragraph("text soft criteria", certificate.criteria) + "<footer><p>Since " +
           Escape(certificate.awarded) + until + "</p><p>Whether it is good: " + Escape(certificate.address) +
           "</p></footer>\n</main></body></html>\n";
}

} // namespace laurel::worker
