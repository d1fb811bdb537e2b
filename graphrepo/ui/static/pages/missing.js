export { Missing as default } from "../ui/notices.js";
