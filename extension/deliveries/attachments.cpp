#include "deliveries/attachments.h"

#include "deliveries/errors.h"
#include "notifications/templates.h"
#include "postgres/halving.h"

namespace laurel::deliveries {

namespace {

constexpr const char *kTooMuch =
    "the attachments of the message would be longer than 256 kB: let them say less";
constexpr const char *kNoSource =
    "the function that says what the type attaches is gone: make it, or name another";
constexpr const char *kNoAttachments =
    "what the type attaches is no array of {filename, content_type, text, alternative}, each a text";

// What the function says; null where that is nothing. laurel_internal.attaches() has checked its arguments.
Jsonb *
Ask(Oid source, std::initializer_list<Datum> arguments) {
    FmgrInfo function;
    fmgr_info(source, &function);
    LOCAL_FCINFO(call, 4);
    InitFunctionCallInfoData(*call, &function, 4, InvalidOid, nullptr, nullptr);
    int count = 0;
    for (const Datum argument : arguments)
        call->args[count++] = {argument, false};
    Jsonb *said = nullptr;
    ErrorData *error = InSubtransaction([&] {
        const Datum result = FunctionCallInvoke(call);
        said = call->isnull ? nullptr : DatumGetJsonbP(result);
    });
    if (error == nullptr)
        return said;
    if (ConcernsAll(error->sqlerrcode) && !StopsBatch(error->sqlerrcode))
        error->sqlerrcode = ERRCODE_INTERNAL_ERROR; // which concerns this message alone
    ReThrowError(error);
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
    if (!delivery.Flag(Leased::HasAttachments) || mail_from.empty())
        return {};
    if (delivery.nulls[Leased::AttachmentSource])
        return {.wrong = kNoSource};
    Jsonb *said = Ask(DatumGetObjectId(delivery.values[Leased::AttachmentSource]),
                      {delivery.values[Leased::Organization], delivery.values[Leased::User],
                       delivery.values[Leased::Data], FromText(mail_from)});
    if (said == nullptr)
        return {};
    if (!AreAttachments(said))
        return {.wrong = kNoAttachments};
    return VARSIZE(said) > notifications::kMostRendered ? Attachments{.wrong = kTooMuch} : Attachments{said};
}

} // namespace laurel::deliveries
