#include "deliveries/attachments.h"

#include "notifications/templates.h"

namespace laurel::deliveries {

namespace {

constexpr const char *kTooMuch =
    "the attachments of the message would be longer than 256 kB: let them say less";
constexpr const char *kNoAttachments =
    "what the type attaches is no array of {filename, content_type, text, alternative}, each a text";

// What laurel_internal.attaches() has checked; null where the function says nothing.
Jsonb *
Ask(std::string_view source, std::initializer_list<Datum> arguments) {
    FmgrInfo function;
    const Datum oid = DirectFunctionCall1(regprocedurein, CStringGetDatum(CString(source)));
    fmgr_info(DatumGetObjectId(oid), &function);
    LOCAL_FCINFO(call, 4);
    InitFunctionCallInfoData(*call, &function, 4, InvalidOid, nullptr, nullptr);
    int count = 0;
    for (const Datum argument : arguments)
        call->args[count++] = {argument, false};
    const Datum said = FunctionCallInvoke(call);
    return call->isnull ? nullptr : DatumGetJsonbP(said);
}

const JsonbValue *
Member(const JsonbValue &attachment, std::string_view key, JsonbValue *value) {
    return getKeyJsonValueFromContainer(attachment.val.binary.data, key.data(), static_cast<int>(key.size()),
                                        value);
}

bool
IsAttachment(const JsonbValue *attachment) {
    if (attachment == nullptr || attachment->type != jbvBinary ||
        !JsonContainerIsObject(attachment->val.binary.data))
        return false;
    JsonbValue value;
    for (const std::string_view key : {"filename", "content_type", "text"})
        if (Member(*attachment, key, &value) == nullptr || value.type != jbvString)
            return false;
    return Member(*attachment, "alternative", &value) == nullptr || value.type == jbvString;
}

bool
AreAttachments(Jsonb *said) {
    if (!JB_ROOT_IS_ARRAY(said) || JB_ROOT_IS_SCALAR(said))
        return false;
    for (uint32 i = 0; i < JB_ROOT_COUNT(said); i++)
        if (!IsAttachment(getIthJsonbValueFromContainer(&said->root, i)))
            return false;
    return true;
}

} // namespace

Attachments
AttachmentsOf(const Leased &delivery, std::string_view mail_from) {
    if (delivery.nulls[Leased::AttachmentSource] || mail_from.empty())
        return {};
    Jsonb *said = Ask(delivery.Text(Leased::AttachmentSource),
                      {delivery.values[Leased::Organization], delivery.values[Leased::User],
                       delivery.values[Leased::Data], FromText(mail_from)});
    if (said == nullptr)
        return {};
    if (!AreAttachments(said))
        return {.wrong = kNoAttachments};
    return VARSIZE(said) > notifications::kMostRendered ? Attachments{.wrong = kTooMuch} : Attachments{said};
}

} // namespace laurel::deliveries
