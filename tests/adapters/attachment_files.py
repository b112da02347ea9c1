"""Files for the tests of attachments, made by the code: good ones of every type and hostile ones of every kind."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

TYPES_XML = (
    b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    b'<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    b'wordprocessingml.document.main+xml"/></Types>'
)
RELATION = (
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    b'<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/%s" '
    b'Target="http://example.org/x" TargetMode="External"/></Relationships>'
)
WORDS = b"<w:document>" + b"<w:p>text</w:p>" * 40 + b"</w:document>"


def archive(parts: dict[str, bytes], *, comment: bytes = b"", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for name, content in parts.items():
            made.writestr(name, content)
        made.comment = comment
    return out.getvalue()


def docx(more: dict[str, bytes] | None = None, types: bytes = TYPES_XML, **how: object) -> bytes:
    return archive({"[Content_Types].xml": types, "word/document.xml": WORDS, **(more or {})}, **how)  # type: ignore[arg-type]


def xlsx(more: dict[str, bytes] | None = None) -> bytes:
    return archive({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>", **(more or {})})


def odt(more: dict[str, bytes] | None = None) -> bytes:
    return archive(
        {"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<office/>", **(more or {})},
    )


def pdf(inside: bytes = b"", behind: bytes = b"", before: bytes = b"") -> bytes:
    return (
        before
        + b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R "
        + inside
        + b" >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
        + behind
    )


def pdf_stream(plain: bytes) -> bytes:
    folded = zlib.compress(plain, 1)
    head = b"<< /Type /ObjStm /Filter /FlateDecode /Length %d >>\nstream\n" % len(folded)
    return pdf().replace(b"2 0 obj", b"3 0 obj\n" + head + folded + b"\nendstream\nendobj\n2 0 obj")


def png(width: int = 2, behind: bytes = b"") -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, width, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\x00" * 6)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"") + behind


JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + b"\x00" * 50 + b"\xff\xd9"
TIFF = b"II*\x00\x08\x00\x00\x00\x01\x00" + b"\x00" * 40
TXT = "Справка: ребёнок здоров.\n".encode()
CSV = "Дата;Итог\n01.02.2026;здоров\n".encode("cp1251")
XML = '<?xml version="1.0" encoding="utf-8"?><акт><итог>здоров</итог></акт>'.encode()
ZIP = archive({"a.txt": b"a"})


def lying_docx() -> bytes:
    """The directory says that a part is small; it is not."""
    data = docx({"word/media/a.bin": b"\x00" * 3_000_000})
    return data.replace(struct.pack("<I", 3_000_000), struct.pack("<I", 10))


def many_parts() -> bytes:
    return docx({f"word/p{n}.xml": b"" for n in range(2_100)})


def encrypted_docx() -> bytes:
    data = bytearray(docx())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = 0
        while (at := data.find(mark, at)) >= 0:
            data[at + place] |= 1
            at += 4
    return bytes(data)


GOOD: dict[str, tuple[bytes, str]] = {
    "PDF": (pdf(), "pdf"),
    "PDF by media type": (pdf(), "application/pdf"),
    "PDF with folded objects": (pdf_stream(b"<< /Type /Page >>" * 50), "pdf"),
    "PDF of a scan with bytes by chance": (pdf_stream(bytes(range(256)) * 3000), "pdf"),
    "JPEG": (JPEG, "image/jpeg"),
    "PNG": (png(), "png"),
    "TIFF": (TIFF, "tiff"),
    "DOCX": (docx(), "docx"),
    "DOCX with a hyperlink": (docx({"word/_rels/document.xml.rels": RELATION % b"hyperlink"}), "docx"),
    "DOCX with a picture": (docx({"word/media/image1.png": png()}), "docx"),
    "XLSX": (xlsx(), "xlsx"),
    "ODT": (odt(), "odt"),
    "text": (TXT, "text/plain; charset=utf-8"),
    "CSV in Windows-1251": (CSV, "csv"),
    "XML": (XML, "text/xml"),
}

HOSTILE: dict[str, tuple[bytes, str, str]] = {
    "nothing": (b"", "pdf", "attachment_empty"),
    "an archive": (ZIP, "pdf", "attachment_archive"),
    "an archive declared as DOCX": (ZIP, "docx", "attachment_archive"),
    "a RAR": (b"Rar!\x1a\x07\x00" + b"x" * 50, "pdf", "attachment_archive"),
    "a GZIP": (b"\x1f\x8b\x08" + b"x" * 50, "txt", "attachment_archive"),
    "a program": (b"MZ\x90\x00" + b"\x00" * 100, "pdf", "attachment_type_unknown"),
    "an ELF": (b"\x7fELF\x02\x01\x01\x00" + b"\x00" * 60, "txt", "attachment_type_unknown"),
    "an old DOC": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 60, "docx", "attachment_type_unknown"),
    "a type nobody takes": (b"x", "video/mp4", "attachment_type_unknown"),
    "PNG declared as PDF": (png(), "pdf", "attachment_type_differs"),
    "text declared as PDF": (TXT, "pdf", "attachment_type_differs"),
    "XLSX declared as DOCX": (xlsx(), "docx", "attachment_type_differs"),
    "PDF with a script": (pdf(b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >>"), "pdf", "attachment_active"),
    "PDF with a script in escapes": (pdf(b"/AA << /S /J#61va#53cript >>"), "pdf", "attachment_active"),
    "PDF with a script folded away": (pdf_stream(b"<< /S /JavaScript >>"), "pdf", "attachment_active"),
    "PDF that starts a program": (pdf(b"/OpenAction << /S /Launch /F (a) >>"), "pdf", "attachment_active"),
    "PDF with a form of XFA": (pdf(b"/AcroForm << /XFA 3 0 R >>"), "pdf", "attachment_active"),
    "PDF with a file inside": (pdf(b"/Names << /EmbeddedFiles 3 0 R >>"), "pdf", "attachment_holds_files"),
    "PDF with a password": (pdf().replace(b"/Root", b"/Encrypt 4 0 R /Root"), "pdf", "attachment_encrypted"),
    "PDF cut off": (pdf()[:-8], "pdf", "attachment_broken"),
    "PDF with an archive behind": (pdf(behind=ZIP), "pdf", "attachment_two_types"),
    "PDF with text behind": (pdf(behind=b"<script>alert(1)</script>"), "pdf", "attachment_two_types"),
    "PDF behind something": (pdf(before=b"GIF89a"), "pdf", "attachment_type_differs"),
    "PDF that unfolds": (pdf_stream(b"\x00" * 100_100_000), "pdf", "attachment_bomb"),
    "JPEG with an archive behind": (JPEG + ZIP, "jpeg", "attachment_two_types"),
    "JPEG with a page behind": (JPEG + b"<html>", "jpeg", "attachment_two_types"),
    "JPEG cut off": (JPEG[:-2], "jpeg", "attachment_broken"),
    "PNG with an archive behind": (png(behind=ZIP), "png", "attachment_two_types"),
    "PNG with bytes behind": (png(behind=b"x"), "png", "attachment_two_types"),
    "PNG cut off": (png()[:-6], "png", "attachment_broken"),
    "PNG of no end of pixels": (png(width=60_000), "png", "attachment_bomb"),
    "TIFF without a directory": (TIFF[:4] + b"\xff\xff\xff\x7f" + TIFF[8:], "tiff", "attachment_broken"),
    "DOCX with macros": (docx({"word/vbaProject.bin": b"x"}), "docx", "attachment_active"),
    "DOCX with macros by type": (docx(types=TYPES_XML.replace(b"document.main", b"document.macroEnabled.main")), "docx", "attachment_active"),
    "DOCX with a control": (docx({"word/activeX/activeX1.xml": b"x"}), "docx", "attachment_active"),
    "DOCX with a template from elsewhere": (docx({"word/_rels/settings.xml.rels": RELATION % b"attachedTemplate"}), "docx", "attachment_active"),
    "DOCX with entities": (docx({"word/a.xml": b'<!DOCTYPE a [<!ENTITY x "y">]><a/>'}), "docx", "attachment_active"),
    "DOCX with a program": (docx({"word/media/a.exe": b"MZ"}), "docx", "attachment_active"),
    "DOCX with an object": (docx({"word/embeddings/oleObject1.bin": b"x"}), "docx", "attachment_holds_files"),
    "DOCX with an archive inside": (docx({"word/media/a.zip": ZIP}), "docx", "attachment_holds_files"),
    "DOCX with an archive under another name": (docx({"word/media/a.png": ZIP}), "docx", "attachment_holds_files"),
    "DOCX with a program under another name": (docx({"word/media/a.png": b"MZ\x90"}), "docx", "attachment_holds_files"),
    "DOCX that unfolds": (docx({"word/media/a.dat": b"\x00" * 30_000_000}), "docx", "attachment_bomb"),
    "DOCX that lies about its sizes": (lying_docx(), "docx", "attachment_broken"),
    "DOCX of thousands of parts": (many_parts(), "docx", "attachment_bomb"),
    "DOCX with a password": (encrypted_docx(), "docx", "attachment_encrypted"),
    "DOCX with a path out of it": (docx({"../../etc/cron": b"x"}), "docx", "attachment_broken"),
    "DOCX with bytes behind": (docx(comment=b"%PDF-1.4 hidden"), "docx", "attachment_two_types"),
    "DOCX behind something": (b"%!PS\n" + docx(), "docx", "attachment_type_unknown"),
    "DOCX cut off": (docx()[:-30], "docx", "attachment_archive"),
    "DOCX with a part spoilt": (docx(method=zipfile.ZIP_STORED).replace(b"<w:p>text", b"<w:p>tex!"), "docx", "attachment_broken"),
    "ODT with macros": (odt({"Basic/Standard/Module1.xml": b"x"}), "odt", "attachment_active"),
    "text with bytes that are none": (b"abc\x00def", "txt", "attachment_type_unknown"),
    "text with bytes that are none, later": (b"a" * 5000 + b"\x00", "txt", "attachment_broken"),
    "a page as text": (b"<html><script>alert(1)</script>", "txt", "attachment_active"),
    "a script in a table": (b"a;b\n<SCRIPT src=x>;c\n", "csv", "attachment_active"),
    "XML with a document type": (b'<?xml version="1.0"?><!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "xml", "attachment_active"),
    "XML with entities": (b'<?xml version="1.0"?>' + b" " * 70_000 + b'<!DOCTYPE a [<!ENTITY a "aa">]><a/>', "xml", "attachment_active"),
    "XML in UTF-16 with entities": ('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "b">]><a/>'.encode("utf-16"), "xml", "attachment_active"),
    "SVG": (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "xml", "attachment_active"),
    "XML that becomes a page": (b'<?xml version="1.0"?><?xml-stylesheet href="x"?><a/>', "xml", "attachment_active"),
}  # fmt: skip
