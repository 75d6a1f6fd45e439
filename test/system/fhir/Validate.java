import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.util.VersionUtil;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.PrePopulatedValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.SnapshotGeneratingValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.r4.model.StructureDefinition;
import org.hl7.fhir.validation.instance.InstanceValidator;

/**
 * Asks the official validator (org.hl7.fhir, as HAPI packages it) about FHIR R4 resources, without any network.
 * Arguments: files of profiles. Standard input: a resource a line. Standard output: an object a line, first versions, then
 * errors, last how many resources there were.
 */
class Validate {
  private static final ObjectMapper json = new ObjectMapper();

  public static void main(String[] profiles) throws Exception {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    FhirContext context = FhirContext.forR4();
    out.println(json.writeValueAsString(versions(context)));
    FhirValidator validator = validator(context, profiles);
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    int resources = 0;
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      for (var message : validator.validateWithResult(line).getMessages()) {
        // An unknown code system and a missing narrative are warnings.
        if (message.getSeverity().compareTo(ResultSeverityEnum.ERROR) < 0) continue;
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("resource", resources);
        error.put("at", message.getLocationString());
        error.put("error", message.getMessage());
        out.println(json.writeValueAsString(error));
      }
      resources += 1;
    }
    out.println(json.writeValueAsString(Map.of("resources", resources)));
  }

  private static Map<String, Object> versions(FhirContext context) {
    Map<String, Object> versions = new LinkedHashMap<>();
    versions.put("fhir", context.getVersion().getVersion().getFhirVersionString());
    versions.put("hapi", VersionUtil.getVersion());
    Path engine = Path.of(InstanceValidator.class.getProtectionDomain().getCodeSource().getLocation().getPath());
    versions.put("engine", engine.getFileName().toString());
    versions.put("java", Runtime.version().toString());
    return versions;
  }

  private static FhirValidator validator(FhirContext context, String[] profiles) throws Exception {
    PrePopulatedValidationSupport claimed = new PrePopulatedValidationSupport(context);
    for (String file : profiles) {
      String text = Files.readString(Path.of(file));
      claimed.addStructureDefinition(context.newJsonParser().parseResource(StructureDefinition.class, text));
    }
    FhirInstanceValidator rules = new FhirInstanceValidator(
      new ValidationSupportChain(
        new DefaultProfileValidationSupport(context),
        new CommonCodeSystemsTerminologyService(context),
        new InMemoryTerminologyServerValidationSupport(context),
        claimed,
        new SnapshotGeneratingValidationSupport(context)
      )
    );
    return context.newValidator().registerValidatorModule(rules);
  }
}
