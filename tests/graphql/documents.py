"""The mutations, as the tests send them."""

CREATE = """mutation($name: String!, $description: String, $isPublic: Boolean, $logo: String,
    $allowV3Uploads: Boolean) {
    createChannel(name: $name, description: $description, isPublic: $isPublic, logo: $logo,
        allowV3Uploads: $allowV3Uploads) {
        name description isPublic createdAt updatedAt requiredChannels
        channel { name logo viewerRole allowV3Uploads } } }"""
UPDATE = """mutation($name: String!, $description: String, $isPublic: Boolean, $logo: String,
    $allowV3Uploads: Boolean) {
    updateChannel(name: $name, description: $description, isPublic: $isPublic, logo: $logo,
        allowV3Uploads: $allowV3Uploads) {
        channel { description isPublic logo allowV3Uploads } } }"""
DELETE = """mutation($name: String!) { deleteChannel(name: $name) {
    name channel { name size packages { totalCount } subdirs { name } channelMembers { role }
    } } }"""
ADD = """mutation($user: String!, $channel: String!, $role: ChannelMemberRole!) {
    addChannelMember(userName: $user, channelName: $channel, role: $role) {
        username channelName role isOwner channel { name } } }"""
REMOVE = """mutation($user: String!, $channel: String!) {
    deleteChannelMember(userName: $user, channelName: $channel) {
        username role channel { name } } }"""
CREATE_KEY = """mutation($name: String!, $description: String, $expiresAt: DateTime,
    $mode: ChannelAccessMode, $channel: String) {
    createApiKey(name: $name, description: $description, expiresAt: $expiresAt,
        accessMode: $mode, channelName: $channel) {
        key name description expiresAt accessMode channel { name } } }"""
DELETE_FILES = """mutation($channel: String!, $entries: [PackageVariantInput!]!) {
    batchDeletePackageVariants(channelName: $channel, entries: $entries) }"""
